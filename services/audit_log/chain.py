"""Whether a tenant's audit rows are the chain they were written as. No I/O; one row at a time, in little memory.

Each row is asked two things: is its hash that of its content, and is its previous_hash the hash of the row before?

    content   link    then the row
    fits      fits    is as it was written
    fails     –       was edited, or was written in another place, which shows once all failing rows are known
    fits      fails   is not the one that followed: rows were exchanged, or the one before was written anew

What merely follows from a problem that is named already, such as the broken link behind an edited hash, is not named. A
chain written anew from some row to its very head fits in itself: only an anchor, kept elsewhere, tells.
"""

from collections.abc import Iterable
from uuid import UUID

from services.audit_log import Anchor, Head, RawAuditRow
from services.audit_log.digest import has_valid_hash
from services.audit_log.problems import Findings, Kind, Problems

EDITED = "its content and its hash do not belong together"
MOST_SUSPECTS = 100
"""So many failing rows are compared with each other; further ones count as edited."""


class ChainCheck:
    """Takes a tenant's rows in the order of their seq, then says what it found."""

    def __init__(
        self, tenant: UUID, *, head: Head | None = None, anchors: Iterable[Anchor] = (), whole: bool = True
    ) -> None:
        """Rows that are not the `whole` of a chain may begin anywhere, and have no head."""
        self._tenant = tenant
        self._head = head
        self._whole = whole
        self._anchors = sorted(anchors, key=lambda anchor: anchor.seq, reverse=True)
        """Those not reached yet; the next one is the last."""
        self._rows = 0
        self._first = 0
        self._last = 0
        self._hashes = {""}
        """The last row's; several where rows share its seq."""
        self._beyond: int | None = None
        """The first row after the head."""
        self._blamed = False
        """Whether the last row's own problem is named already."""
        self._anchored: int | None = None
        self._rewritten = False
        self._suspects: list[RawAuditRow] = []
        self._problems = Problems()

    def take(self, link: RawAuditRow) -> None:
        """The next row."""
        self._rows += 1
        seq = link.seq
        if seq is None or seq < 1:
            self._problems.add(Kind.INSERTED, "is no part of the chain, which counts from 1", seq)
        elif self._first and seq == self._last:
            self._take_again(link, seq)
        elif seq < self._last:
            self._take_late(link, seq)
        else:
            self._take_next(link, seq)

    def close(self) -> Findings:
        """What was found."""
        self._compare_with_marks()
        if self._whole:
            self._compare_with_end()
        self._miss_the_end()
        return self._findings()

    def abort(self, why: str) -> Findings:
        """What was found as far as the rows could be read; what comes behind is not known."""
        self._compare_with_marks()
        self._problems.add(Kind.UNVERIFIABLE, f"the rows after row {self._last} cannot be read: {why}", None)
        return self._findings()

    def _findings(self) -> Findings:
        self._judge_suspects()
        return Findings(
            tenant_id=self._tenant,
            rows=self._rows,
            first=self._first,
            last=self._last,
            hash=max(self._hashes),
            anchored=self._anchored,
            problems=self._problems.listed(),
            more=self._problems.more,
        )

    def _take_next(self, link: RawAuditRow, seq: int) -> None:
        if not self._first:
            self._begin(link, seq)
        self._compare_with_marks()
        gap = seq > self._last + 1
        if gap:
            self._problems.add(Kind.DELETED, "missing", self._last + 1, seq - 1)
        follows = gap or self._blamed or link.previous_hash in self._hashes
        self._last, self._hashes, self._blamed = seq, {link.hash or ""}, False
        if self._head is not None and self._beyond is None and seq > (self._head.seq or 0):
            self._beyond = seq
        if not has_valid_hash(link):
            self._suspect(link, seq)
            self._blamed = True
        elif not follows:
            text = "does not follow the row before it: they were exchanged, or that one was written anew"
            self._problems.add(Kind.REORDERED, text, seq)

    def _take_again(self, link: RawAuditRow, seq: int) -> None:
        """Another row with the last one's seq. Which of them was put in shows by which the next row follows."""
        self._hashes.add(link.hash or "")
        self._blamed = True
        self._suspects = [suspect for suspect in self._suspects if suspect.seq != seq]
        self._problems.take_back({Kind.EDITED, Kind.REORDERED}, seq, seq)
        if not self._problems.has(Kind.INSERTED, seq):
            self._problems.add(Kind.INSERTED, "stands there more than once", seq)

    def _take_late(self, link: RawAuditRow, seq: int) -> None:
        """In a file, lines may have been moved; a database cannot answer so."""
        if seq >= self._first and not self._problems.has(Kind.DELETED, seq):
            self._problems.add(Kind.INSERTED, "stands there more than once", seq)
            return
        self._problems.take_back({Kind.DELETED}, seq, seq)
        self._problems.add(Kind.REORDERED, "stands further down than its seq says", seq)
        if not has_valid_hash(link):
            self._suspect(link, seq)

    def _begin(self, link: RawAuditRow, seq: int) -> None:
        self._first = seq
        if not self._whole and seq > 1:  # what came before is taken at the first row's word
            self._last, self._hashes = seq - 1, {link.previous_hash or ""}

    def _compare_with_marks(self) -> None:
        """Does the chain pass through what the anchors, and then the head, know of the last row?"""
        while self._anchors and self._anchors[-1].seq <= self._last:
            anchor = self._anchors.pop()
            if anchor.seq == self._last and anchor.hash in self._hashes:
                self._anchored = anchor.seq
            elif anchor.seq == self._last and not self._blamed and not self._rewritten:
                since = f"row {self._anchored}, which the anchor before knows" if self._anchored else "the first row"
                text = f"is not the row the anchor knows: the chain was written anew, somewhere after {since}"
                self._problems.add(Kind.ANCHOR, text, self._last)
                self._rewritten = True
        head = self._head
        if head is None or head.seq != self._last or head.hash in self._hashes or self._blamed or self._rewritten:
            return
        text = "is not the row the head knows: the chain was written anew, or the head was changed"
        self._problems.add(Kind.HEAD, text, self._last)

    def _compare_with_end(self) -> None:
        head = self._head
        if head is None or head.seq is None or head.hash is None:
            if self._rows:
                self._problems.add(Kind.HEAD, "missing, so nothing tells where the chain ends", None)
        elif self._last > head.seq and self._beyond is not None:
            self._problems.take_back(set(Kind), head.seq + 1, self._last)
            self._suspects = [suspect for suspect in self._suspects if (suspect.seq or 0) <= head.seq]
            text = f"after the head, which knows row {head.seq}: put in, or the head was set back"
            self._problems.add(Kind.INSERTED, text, self._beyond, self._last)

    def _miss_the_end(self) -> None:
        known = [("anchor", anchor.seq) for anchor in self._anchors]
        if self._head is not None:
            known.append(("head", self._head.seq or 0))
        witness, end = max(known, key=lambda one: one[1], default=("", 0))
        if end > self._last:
            self._problems.add(
                Kind.DELETED, f"missing at the end, for the {witness} knows row {end}", self._last + 1, end
            )

    def _suspect(self, link: RawAuditRow, seq: int) -> None:
        if len(self._suspects) < MOST_SUSPECTS:
            self._suspects.append(link)
        else:
            self._problems.add(Kind.EDITED, EDITED, seq)

    def _judge_suspects(self) -> None:
        """Edited, or moved: then a failing row's hash fits in the place of another failing row, or in a neighbour's."""
        places = [suspect.seq or 0 for suspect in self._suspects]
        for suspect in self._suspects:
            seq = suspect.seq or 0
            origin = next((place for place in (*places, seq - 1, seq + 1) if has_valid_hash(suspect, seq=place)), None)
            if origin is None:
                self._problems.add(Kind.EDITED, EDITED, seq)
            else:
                away = f"{abs(origin - seq)} place{'s' if abs(origin - seq) > 1 else ''}"
                self._problems.add(Kind.REORDERED, f"written {away} {'later' if origin > seq else 'earlier'}", seq)
