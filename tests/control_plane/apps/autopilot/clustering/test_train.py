"""A training finds the kinds of tickets, and finds the same ones again."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest

from control_plane.apps.autopilot.clustering import neighbours
from control_plane.apps.autopilot.clustering.corpus import SCALE, read, whole
from control_plane.apps.autopilot.clustering.neighbours import NEIGHBOURS, leaders, similarity_graph
from control_plane.apps.autopilot.clustering.place import assign, classify
from control_plane.apps.autopilot.clustering.train import train
from control_plane.apps.autopilot.clustering.values import ClusterModel, TicketText, TooFewTickets
from tests.control_plane.apps.autopilot.clustering.samples import KINDS, a_help_desk, kind_of, tickets_of

DIGEST = """
import hashlib
from control_plane.apps.autopilot.clustering.train import train
from tests.control_plane.apps.autopilot.clustering.samples import a_help_desk
model = train(a_help_desk())
names = [(each.id, each.name, each.subcluster_name, each.cohesion, each.floor) for each in model.clusters]
print(hashlib.sha256(repr((names, sorted(model.members.items()))).encode()).hexdigest())
"""


def a_model(tickets: list[TicketText], needed: int = 100) -> ClusterModel:
    model = train(tickets, needed=needed)
    assert isinstance(model, ClusterModel)
    return model


def in_clusters(model: ClusterModel) -> dict[str, Counter[str]]:
    """How many tickets of each kind are in each cluster."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key, cluster in model.members.items():
        found[cluster][kind_of(key)] += 1
    return found


@pytest.fixture(scope="module")
def help_desk() -> ClusterModel:
    return a_model(a_help_desk())


def test_each_cluster_has_tickets_of_one_kind_and_every_ticket_has_a_cluster(help_desk: ClusterModel) -> None:
    assert set(help_desk.members) == {ticket.key for ticket in a_help_desk()}
    counts = in_clusters(help_desk)
    assert sum(max(each.values()) for each in counts.values()) >= 0.95 * len(help_desk.members)
    assert {each.most_common(1)[0][0] for each in counts.values()} == set(KINDS)
    assert {each.id: each.size for each in help_desk.clusters} == {key: each.total() for key, each in counts.items()}


def test_a_cluster_tells_its_most_typical_tickets_and_how_alike_its_tickets_are(help_desk: ClusterModel) -> None:
    corpus = read(a_help_desk())
    for cluster in help_desk.clusters:
        own = [row for row, key in enumerate(corpus.keys) if help_desk.members[key] == cluster.id]
        cosines = corpus.vectors[own] @ cluster.centroid / SCALE
        assert cluster.cohesion == pytest.approx(cosines.mean(), abs=0.001)
        assert cluster.examples[0] == corpus.keys[own[int(cosines.argmax())]]
        assert len(set(cluster.examples)) == 5
        assert 0 < cluster.floor < cluster.cohesion


def test_the_order_of_the_tickets_does_not_matter(help_desk: ClusterModel) -> None:
    tickets = a_help_desk()
    tickets = [*tickets[97:], *reversed(tickets[:97])]
    again = a_model(tickets)
    assert again.members == help_desk.members
    assert [(each.id, each.name, each.subcluster_name) for each in again.clusters] == [
        (each.id, each.name, each.subcluster_name) for each in help_desk.clusters
    ]


def test_processes_with_other_threads_and_hash_seeds_find_the_same() -> None:
    def digest(threads: str, seed: str) -> str:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True, timeout=120
        ).stdout

    assert digest("1", "1") == digest("2", "7")


def test_with_too_few_tickets_there_is_no_model() -> None:
    tickets = [*tickets_of("vpn", 3), TicketText("empty", "", "")]
    few = train(tickets)
    assert few == TooFewTickets(current_total_tickets=3, needed_total_tickets=100)
    assert few.code == "tickets_below_threshold"


def test_three_tickets_are_one_cluster() -> None:
    assert [each.size for each in a_model(tickets_of("vpn", 3), needed=3).clusters] == [3]


def test_tickets_that_are_all_alike_are_one_cluster() -> None:
    [cluster] = a_model([TicketText(f"T{n}", "VPN tunnel is down", f"Ticket {n}") for n in range(200)]).clusters
    assert cluster.size == 200
    assert cluster.cohesion == pytest.approx(1, abs=0.001)
    assert "VPN" in cluster.name


def test_a_ticket_without_words_is_in_no_cluster() -> None:
    empty = [TicketText("blank", " ", "\n"), TicketText("number", "#4711", "12:30"), TicketText("none", "", "")]
    model = a_model([*a_help_desk(20), *empty])
    assert set(model.members).isdisjoint({"blank", "number", "none"})
    assert classify(empty, model.clusters) == {}


def test_a_ticket_of_a_megabyte_is_read_from_its_beginning(help_desk: ClusterModel) -> None:
    [ticket] = tickets_of("printer", 1)
    text = ticket.description * 9000
    assert len(text) > 1_000_000
    found = classify([replace(ticket, key="long", description=text), ticket], help_desk.clusters)
    long, short = found["long"], found[ticket.key]
    assert long is not None
    assert short is not None
    assert long.cluster == short.cluster


@pytest.mark.parametrize("fill", ["<" * 1_000_000, "a@" * 500_000, "ab" * 500_000, "> x\n" * 250_000, "<p " * 333_000])
def test_hostile_text_of_a_megabyte_takes_no_time_that_grows_with_its_square(fill: str) -> None:
    assert len(read([TicketText("T1", "VPN", fill)]).keys) == 1


def test_thousands_of_copies_do_not_push_other_tickets_together() -> None:
    copies = [TicketText(f"copy-{n}", "Disk full on server", f"Alert {n}: the disk is full") for n in range(3000)]
    model = a_model([*a_help_desk(), *copies])
    assert len({model.members[ticket.key] for ticket in copies}) == 1
    counts = in_clusters(model)
    assert {each.most_common(1)[0][0] for each in counts.values()} == {*KINDS, "copy"}


def test_near_duplicates_are_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"The printer on floor {place} shows a toner warning" for place in ("one", "one", "two")]
    corpus = read([TicketText(f"T{n:03}", texts[n % 3] if n % 2 else f"VPN {n}", "") for n in range(60)])
    whole_table = leaders(corpus.vectors)
    monkeypatch.setattr(neighbours, "CELLS", 7 * 60)
    assert leaders(corpus.vectors).tolist() == whole_table.tolist()
    assert len(set(whole_table.tolist())) < 10


def test_blocks_find_the_same_neighbours_as_the_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(5).normal(size=(900, 256)).astype(np.float32)
    vectors = whole(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    monkeypatch.setattr(neighbours, "CELLS", 70 * 900)
    graph = similarity_graph(vectors)
    products = vectors.astype(np.int64) @ vectors.astype(np.int64).T
    np.fill_diagonal(products, -(2**40))
    best = np.argsort(-products, axis=1, kind="stable")[:, :NEIGHBOURS]
    for row in range(900):
        assert set(best[row].tolist()) <= set(graph[row].indices.tolist())
    assert graph.nnz <= 2 * 900 * NEIGHBOURS


def test_tickets_in_five_languages_are_clustered_and_named_without_function_words() -> None:
    texts = {
        "de": ("Der Drucker zeigt eine Warnung", "Das Papier ist im Drucker und die Kassette ist leer, bitte {}"),
        "fr": ("La facture est fausse", "Le montant de la facture est faux et je ne peux pas payer avec {}"),
        "es": ("No puedo entrar con mi contraseña", "La contraseña de la cuenta está bloqueada desde {}"),
        "en": ("VPN does not connect", "The VPN client drops when I am at home with the router {}"),
        "nl": ("Verlof aanvragen lukt niet", "Het verlof voor de vakantie is niet goedgekeurd door {}"),
    }
    words = ("Montag", "juillet", "ayer", "router", "kantoor", "Kasse", "banque", "oficina", "cable", "leiding")
    tickets = [
        TicketText(f"{language}-{n:02}", subject, text.format(" ".join(words[n % 10 :])))
        for language, (subject, text) in texts.items() for n in range(25)
    ]  # fmt: skip
    model = a_model(tickets)
    assert {each.most_common(1)[0][0] for each in in_clusters(model).values()} == set(texts)
    named = {word for each in model.clusters for word in f"{each.name} {each.subcluster_name}".casefold().split()}
    assert named.isdisjoint({"der", "das", "ist", "la", "de", "je", "mi", "the", "het", "niet", "bitte"})


def test_a_new_ticket_joins_the_cluster_of_its_kind_or_none(help_desk: ClusterModel) -> None:
    new = [*tickets_of("vpn", 5, start=500), *tickets_of("leave", 5, start=500)]
    found = classify([*new, TicketText("odd", "Zebra crossing", "Penguins in the zoo eat fish")], help_desk.clusters)
    kinds = {cluster: each.most_common(1)[0][0] for cluster, each in in_clusters(help_desk).items()}
    placed = {key: kinds[place.cluster] for key, place in found.items() if place is not None}
    assert all(place is None or 0 < place.distance < 1 for place in found.values())
    assert found["odd"] is None
    assert len(placed) >= 8
    assert all(kind_of(key) == kind for key, kind in placed.items())


def test_without_clusters_every_ticket_is_unclassified() -> None:
    assert assign(np.ones((2, 256), np.float32), ()) == [None, None]
