"""Names tell clusters apart, and people can read them."""

from collections.abc import Iterable

from control_plane.apps.autopilot.clustering.naming import (
    LONGEST,
    NAMELESS,
    Terms,
    count_terms,
    merge_terms,
    name_groups,
)
from control_plane.apps.autopilot.clustering.train import train
from control_plane.apps.autopilot.clustering.values import ClusterModel
from tests.control_plane.apps.autopilot.clustering.samples import a_help_desk


def terms_of(*texts: str) -> Terms:
    return count_terms(texts, ["en"] * len(texts))


def words(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in name.casefold().replace(",", "").split()}


def test_every_cluster_of_a_help_desk_has_a_name_of_its_own_that_fits_a_line() -> None:
    model = train(a_help_desk())
    assert isinstance(model, ClusterModel)
    names = [(each.name, each.subcluster_name) for each in model.clusters]
    assert len(set(names)) == len(names)
    assert all(0 < len(part) <= LONGEST for pair in names for part in pair if part is not None)
    found = words(part for pair in names for part in pair if part)
    assert found.isdisjoint({"the", "is", "it", "hello", "thanks", "many", "about", "of"})
    assert {"printer", "vpn", "invoice", "password", "laptop"} <= found


def test_a_name_has_what_siblings_lack_and_prefers_two_words() -> None:
    vpn = terms_of(*["Server problem: VPN tunnel closed on the server"] * 6)
    disk = terms_of(*["Server problem: hard disk full on the server"] * 6)
    names = name_groups({0: vpn, 1: disk})
    assert names[0].startswith(("VPN tunnel", "Tunnel closed"))
    assert names[1].startswith(("Disk full", "Hard disk"))
    assert "server" not in words(names.values())


def test_words_are_spelled_as_most_tickets_spell_them() -> None:
    terms = terms_of("iPhone sync", "iPhone sync", "IPHONE SYNC", "iphone sync", "iPhone sync", "iPhone sync")
    assert name_groups({0: terms, 1: terms_of("toner")}) == {0: "IPhone sync", 1: "Toner"}


def test_a_word_of_one_ticket_names_no_cluster() -> None:
    people = ("Anna", "Bela", "Carlos", "Dora", "Emil", "Fritz")
    assert name_groups({0: terms_of(*[f"toner empty, {person}" for person in people])}) == {0: "Toner empty"}


def test_groups_that_say_the_same_get_different_names() -> None:
    same, nothing = terms_of("toner empty", "toner empty"), terms_of("a")
    names = name_groups({0: same, 1: same, 2: nothing, 3: nothing}, {"toner empty"})
    assert list(names.values()) == ["Toner empty (2)", "Toner empty (3)", NAMELESS, f"{NAMELESS} (2)"]


def test_a_name_is_cut_between_terms() -> None:
    long = " ".join(letter * 25 for letter in "bcdfgh")
    assert all(len(name) <= LONGEST for name in name_groups({0: terms_of(long), 1: terms_of("x" * 500)}).values())


def test_a_large_part_of_a_group_names_it_rather_than_a_small_one() -> None:
    whole = merge_terms([(90, terms_of("toner empty")), (10, terms_of("paper jam"))])
    assert whole.shares["toner", "empty"] == 0.9
    assert name_groups({0: whole, 1: terms_of("VPN")})[0].startswith("Toner empty")
