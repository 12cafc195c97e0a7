"""A new training moves no ticket unless people accepted the change."""

from collections import Counter
from dataclasses import replace

import pytest

from control_plane.apps.autopilot.clustering.apply import apply_changes
from control_plane.apps.autopilot.clustering.changes import Change, Plan, Rules
from control_plane.apps.autopilot.clustering.propose import propose_changes
from control_plane.apps.autopilot.clustering.train import train
from control_plane.apps.autopilot.clustering.values import Cluster, ClusterModel, TicketText
from tests.control_plane.apps.autopilot.clustering.samples import KINDS, a_help_desk, kind_of, tickets_of
from tests.control_plane.apps.autopilot.made_up_tickets import made_up_tickets


def a_model(groups: dict[str, list[TicketText]], tickets: list[TicketText]) -> ClusterModel:
    """A model in which the named clusters have these tickets."""
    model = train(tickets, needed=1)
    assert isinstance(model, ClusterModel)
    made = tuple(replace(model.clusters[0], id=name, name=name, subcluster_name=None) for name in groups)
    members = {ticket.key: name for name, each in groups.items() for ticket in each}
    return apply_changes(ClusterModel(made, members), Plan({}, (), ()), tickets, ())


def by_kind(kinds: dict[str, str] | None = None) -> tuple[ClusterModel, list[TicketText]]:
    """A model with one cluster for each kind, or with those that `kinds` says, and its tickets."""
    tickets = a_help_desk()
    groups: dict[str, list[TicketText]] = {}
    for ticket in tickets:
        kind = kind_of(ticket.key)
        groups.setdefault((kinds or {}).get(kind, kind), []).append(ticket)
    return a_model(groups, tickets), tickets


def of_kind(plan: Plan, kind: str) -> list[Change]:
    return [change for change in plan.changes if change.kind == kind]


def cluster_of(model: ClusterModel, name: str) -> Cluster:
    return next(each for each in model.clusters if each.id == name)


def test_new_tickets_join_the_cluster_of_similar_ones_and_the_others_stay() -> None:
    model, tickets = by_kind()
    new = [ticket for kind in KINDS for ticket in tickets_of(kind, 8, start=100)]
    plan = propose_changes(model, [*tickets, *new])
    assert plan.placed == {ticket.key: kind_of(ticket.key) for ticket in new}
    again = apply_changes(model, plan, [*tickets, *new], ())
    assert {key: again.members[key] for key in model.members} == model.members
    assert [(each.id, each.name) for each in again.clusters] == [(each.id, each.name) for each in model.clusters]
    assert Counter(again.members.values()) == {each.id: each.size for each in again.clusters}


def test_a_new_kind_of_tickets_is_proposed_as_a_cluster() -> None:
    kinds = tuple(KINDS)[:-1]
    tickets = a_help_desk(kinds=kinds)
    model = a_model({kind: tickets_of(kind, 30) for kind in kinds}, tickets)
    new = tickets_of("leave", 30)
    plan = propose_changes(model, [*tickets, *new])
    found = of_kind(plan, "new")
    assert {key for change in found for key in change.tickets} == {ticket.key for ticket in new}
    assert {change.sources for change in found} == {()}
    assert set(found[0].evidence.examples) <= set(found[0].tickets)
    assert found[0].evidence.cohesion_before is None

    accepted = apply_changes(model, plan, [*tickets, *new], [change.id for change in found])
    for change in found:
        assert {accepted.members[key] for key in change.tickets} == {change.cluster.id}
    assert {key: accepted.members[key] for key in model.members} == model.members


def test_tickets_of_a_proposed_cluster_are_not_put_into_another_one_meanwhile() -> None:
    tickets = [TicketText(str(each.number), each.subject, each.description) for each in made_up_tickets(300)]
    model = train(tickets, needed=1)
    assert isinstance(model, ClusterModel)
    new = [
        TicketText(f"scanner-{place}-{fault}", f"Barcode scanner {fault}", f"The scanner in {place} {fault}.")
        for place in ("hall 1", "hall 2", "the yard", "gate 7", "the cold store", "line 3")
        for fault in ("does not read labels", "loses its pairing", "shows error 12", "has a broken trigger")
    ]
    plan = propose_changes(model, [*tickets, *new])
    waiting = {key for change in of_kind(plan, "new") for key in change.tickets}
    assert waiting == {ticket.key for ticket in new}
    assert waiting.isdisjoint(plan.placed)
    assert waiting <= set(plan.unclassified)


def test_a_cluster_of_two_kinds_is_proposed_to_be_split() -> None:
    model, tickets = by_kind({"vpn": "mixed", "leave": "mixed"})
    plan = propose_changes(model, tickets)
    found = [change for change in of_kind(plan, "split") if change.sources == ("mixed",)]
    assert found
    for change in found:
        assert change.cluster.name != "mixed"
        assert change.evidence.cohesion_before is not None
        assert change.evidence.cohesion_after > change.evidence.cohesion_before
        assert change.evidence.overlap == {"mixed": len(change.tickets)}
    split = apply_changes(model, plan, tickets, [change.id for change in found])
    for cluster in ["mixed", *(change.cluster.id for change in found)]:
        assert len({kind_of(key) for key, to in split.members.items() if to == cluster}) == 1


def two_of_one_kind() -> tuple[ClusterModel, list[TicketText]]:
    """A model in which the tickets about VPN are divided among two clusters."""
    tickets = a_help_desk(40)
    groups = {kind: tickets_of(kind, 40) for kind in KINDS if kind != "vpn"}
    same = tickets_of("vpn", 40)
    return a_model({**groups, "vpn-a": same[:25], "vpn-b": same[25:]}, tickets), tickets


def test_two_clusters_of_one_kind_are_proposed_to_be_merged() -> None:
    model, tickets = two_of_one_kind()
    plan = propose_changes(model, tickets)
    [change] = of_kind(plan, "merge")
    assert (change.sources, change.cluster.id, change.cluster.size) == (("vpn-b",), "vpn-a", 40)
    assert change.evidence.overlap == {"vpn-a": 25, "vpn-b": 15}
    assert apply_changes(model, plan, tickets, ()).members == model.members

    merged = apply_changes(model, plan, tickets, [change.id])
    assert "vpn-b" not in {each.id for each in merged.clusters}
    assert cluster_of(merged, "vpn-a").size == 40


def test_clusters_that_people_keep_apart_are_not_proposed_to_be_merged() -> None:
    model, tickets = two_of_one_kind()
    rules = Rules(cannot_link=[frozenset({"vpn-a", "vpn-b"})])
    assert of_kind(propose_changes(model, tickets, rules), "merge") == []


def test_a_cluster_under_the_wrong_name_is_proposed_to_be_regrouped() -> None:
    model, tickets = two_of_one_kind()
    wrong = replace(model, clusters=tuple(
        replace(each, name="leave", subcluster_name="VPN") if each.id == "vpn-b" else each for each in model.clusters
    ))  # fmt: skip
    plan = propose_changes(wrong, tickets, Rules(cannot_link=[frozenset({"vpn-a", "vpn-b"})]))
    [change] = [each for each in of_kind(plan, "regroup") if each.sources == ("vpn-b",)]
    assert (change.cluster.id, change.cluster.name, change.cluster.subcluster_name) == ("vpn-b", "vpn-a", "VPN")
    assert change.tickets == ()
    assert "vpn-a" in change.evidence.overlap
    assert change.evidence.cohesion_before is not None
    assert change.evidence.cohesion_after > change.evidence.cohesion_before

    regrouped = apply_changes(wrong, plan, tickets, [change.id])
    assert regrouped.members == model.members
    assert cluster_of(regrouped, "vpn-b").name == "vpn-a"


def test_a_cluster_with_a_pinned_ticket_keeps_its_id_in_a_merge() -> None:
    model, tickets = two_of_one_kind()
    [change] = of_kind(propose_changes(model, tickets, Rules(pins={"vpn-0030": "vpn-b"})), "merge")
    assert (change.sources, change.cluster.id) == (("vpn-a",), "vpn-b")
    both = Rules(pins={"vpn-0030": "vpn-b", "vpn-0003": "vpn-a"})
    assert of_kind(propose_changes(model, tickets, both), "merge") == []


def test_a_ticket_in_the_wrong_cluster_is_proposed_to_move_unless_it_is_pinned() -> None:
    model, tickets = by_kind()
    wrong = replace(model, members={**model.members, "vpn-0003": "leave"})
    [change] = of_kind(propose_changes(wrong, tickets), "move")
    assert (change.sources, change.cluster.id, change.tickets) == (("leave",), "vpn", ("vpn-0003",))
    assert apply_changes(wrong, propose_changes(wrong, tickets), tickets, [change.id]).members == model.members
    assert of_kind(propose_changes(wrong, tickets, Rules(pins={"vpn-0003": "leave"})), "move") == []


def test_pinned_tickets_do_not_leave_their_cluster_in_a_split() -> None:
    model, tickets = by_kind({"vpn": "mixed", "leave": "mixed"})
    for pinned in ("vpn-0001", "leave-0001"):
        plan = propose_changes(model, tickets, Rules(pins={pinned: "mixed"}))
        found = of_kind(plan, "split")
        assert found
        split = apply_changes(model, plan, tickets, [change.id for change in found])
        assert {kind_of(key) for key, to in split.members.items() if to == "mixed"} == {kind_of(pinned)}
        assert split.members[pinned] == "mixed"


def test_a_pinned_ticket_stays_when_those_like_it_leave() -> None:
    model, tickets = by_kind({"vpn": "mixed", "leave": "mixed"})
    pins = dict.fromkeys(("vpn-0001", "vpn-0002", "leave-0001"), "mixed")
    leaving = {
        key for each in of_kind(propose_changes(model, tickets, Rules(pins=pins)), "split") for key in each.tickets
    }
    assert "leave-0002" in leaving
    assert leaving.isdisjoint(pins)


def test_a_pin_places_a_new_ticket() -> None:
    model, tickets = by_kind()
    [new] = tickets_of("vpn", 1, start=300)
    plan = propose_changes(model, [*tickets, new], Rules(pins={new.key: "leave"}))
    assert plan.placed == {new.key: "leave"}


def test_a_ticket_similar_to_none_is_unclassified() -> None:
    model, tickets = by_kind()
    odd = TicketText("odd", "Zebra crossing", "Penguins in the zoo eat fish")
    assert propose_changes(model, [*tickets, odd]).unclassified == ("odd",)


def test_clusters_of_two_plans_have_different_ids_and_names() -> None:
    kinds = ("vpn", "invoice", "laptop", "printer")
    tickets = a_help_desk(40, kinds)
    model = a_model({kind: tickets_of(kind, 40) for kind in kinds}, tickets)
    for kind in ("leave", "password"):
        tickets += tickets_of(kind, 40)
        plan = propose_changes(model, tickets)
        model = apply_changes(model, plan, tickets, [change.id for change in of_kind(plan, "new")])
    assert len({(each.name, each.subcluster_name) for each in model.clusters}) == len(model.clusters)
    for cluster in model.clusters:
        inside = Counter(kind_of(key) for key, to in model.members.items() if to == cluster.id)
        assert inside.most_common(1)[0][1] >= 0.9 * inside.total()


def test_the_order_of_the_tickets_does_not_change_the_plan() -> None:
    model, tickets = by_kind({"vpn": "mixed", "leave": "mixed"})
    one, two = propose_changes(model, tickets), propose_changes(model, tickets[::-1])
    assert [(each.id, each.kind, each.tickets, each.evidence) for each in one.changes] == [
        (each.id, each.kind, each.tickets, each.evidence) for each in two.changes
    ]


def test_without_tickets_or_clusters_there_is_little_to_compare() -> None:
    model, tickets = by_kind()
    assert propose_changes(model, []) == Plan({}, (), ())
    plan = propose_changes(ClusterModel((), {}), tickets)
    assert {change.kind for change in plan.changes} == {"new"}
    assert {key for change in plan.changes for key in change.tickets} == {ticket.key for ticket in tickets}
    assert plan.placed == {}


def test_a_change_that_was_not_proposed_is_refused() -> None:
    model, tickets = by_kind()
    with pytest.raises(ValueError, match=r"^accepted: no such change: change-9$"):
        apply_changes(model, Plan({}, (), ()), tickets, ["change-9"])
