"""Check whether a tenant's audit rows are still the chain that was written. No I/O; keeps no earlier rows.

Each row has two checks: does its hash match its content, and is its previous_hash the hash of the row before?

    hash      previous_hash   the row
    matches   matches         is unchanged
    differs   –               was edited or moved; which of the two is known only after the last row
    matches   differs         was exchanged with another row, or the row before it was rewritten

Consequences of a reported problem, such as a wrong previous_hash after an edited row, are not reported. A chain that
was rewritten up to its head matches everywhere. Only an anchor that was kept elsewhere shows it.
"""

from collections.abc import Iterable
from uuid import UUID

from services.audit_log import Anchor, Head, RawAuditRow
from services.audit_log.digest import has_valid_hash
from services.audit_log.problems import Findings, ProblemKind, Problems

EDITED_PROBLEM = "its hash does not match its content"
MAX_MISMATCHES = 100
"""How many rows with a wrong hash are compared with each other; all others count as edited."""


class ChainCheck:
    """Checks a tenant's rows: call `add` for each row, in the order of seq, then `finish`."""

    def __init__(
        self, tenant: UUID, *, head: Head | None = None, anchors: Iterable[Anchor] = (), whole: bool = True
    ) -> None:
        """If `whole` is False, the rows are a part of the chain, which may begin and end anywhere."""
        self._tenant = tenant
        self._head = head
        self._whole = whole
        self._anchors = sorted(anchors, key=lambda anchor: anchor.seq, reverse=True)
        """The anchors that no row has reached yet; the next one is at the end of the list."""
        self._rows = 0
        self._first = 0
        self._last = 0
        self._hashes = {""}
        """The hash of the last row, or of all rows that share its seq."""
        self._beyond: int | None = None
        """The first row after the head."""
        self._last_is_reported = False
        """Whether a problem of the last row was reported."""
        self._anchored: int | None = None
        self._rewritten = False
        self._mismatches: list[RawAuditRow] = []
        self._problems = Problems()

    def add(self, row: RawAuditRow) -> None:
        """Check the next row."""
        self._rows += 1
        seq = row.seq
        if seq is None or seq < 1:
            self._problems.add(ProblemKind.INSERTED, "is not part of the chain, which counts from 1", seq)
        elif self._first and seq == self._last:
            self._add_duplicate(row, seq)
        elif seq < self._last:
            self._add_misplaced(row, seq)
        else:
            self._add_next(row, seq)

    def finish(self) -> Findings:
        """The findings on all rows."""
        self._check_anchors_and_head()
        if self._whole:
            self._check_end()
        self._report_missing_end()
        return self._findings()

    def abort(self, why: str) -> Findings:
        """The findings if the rows after the last one cannot be read."""
        self._check_anchors_and_head()
        self._problems.add(ProblemKind.UNVERIFIABLE, f"the rows after row {self._last} cannot be read: {why}", None)
        return self._findings()

    def _findings(self) -> Findings:
        self._report_mismatches()
        return Findings(
            tenant_id=self._tenant,
            rows=self._rows,
            first=self._first,
            last=self._last,
            hash=max(self._hashes),
            anchored=self._anchored,
            problems=self._problems.merged(),
            unlisted=self._problems.unlisted,
        )

    def _add_next(self, row: RawAuditRow, seq: int) -> None:
        if not self._first:
            self._check_first_row(row, seq)
        self._check_anchors_and_head()
        gap = seq > self._last + 1
        if gap:
            self._problems.add(ProblemKind.DELETED, "missing", self._last + 1, seq - 1)
        follows = gap or self._last_is_reported or row.previous_hash in self._hashes
        self._last, self._hashes, self._last_is_reported = seq, {row.hash or ""}, False
        if self._head is not None and self._beyond is None and seq > (self._head.seq or 0):
            self._beyond = seq
        if not has_valid_hash(row):
            self._add_mismatch(row, seq)
            self._last_is_reported = True
        elif not follows:
            text = "does not follow the row before it: the two were exchanged, or that row was rewritten"
            self._problems.add(ProblemKind.REORDERED, text, seq)

    def _add_duplicate(self, row: RawAuditRow, seq: int) -> None:
        """Add a second row with the same seq. The next row shows which of the two is the original."""
        self._hashes.add(row.hash or "")
        self._last_is_reported = True
        self._mismatches = [mismatch for mismatch in self._mismatches if mismatch.seq != seq]
        self._problems.remove({ProblemKind.EDITED, ProblemKind.REORDERED}, seq, seq)
        if not self._problems.has(ProblemKind.INSERTED, seq):
            self._problems.add(ProblemKind.INSERTED, "occurs more than once", seq)

    def _add_misplaced(self, row: RawAuditRow, seq: int) -> None:
        """Add a row with a lower seq than the last one. Only a file with a moved line has such a row, never a
        database."""
        if seq >= self._first and not self._problems.has(ProblemKind.DELETED, seq):
            self._problems.add(ProblemKind.INSERTED, "occurs more than once", seq)
            return
        self._problems.remove({ProblemKind.DELETED}, seq, seq)
        self._problems.add(ProblemKind.REORDERED, "comes later than its seq says", seq)
        if not has_valid_hash(row):
            self._add_mismatch(row, seq)

    def _check_first_row(self, row: RawAuditRow, seq: int) -> None:
        self._first = seq
        if not self._whole and seq > 1:  # a part of a chain: the row before it is missing, so previous_hash is accepted
            self._last, self._hashes = seq - 1, {row.previous_hash or ""}

    def _check_anchors_and_head(self) -> None:
        """Compare the last row with its anchors and with the head."""
        while self._anchors and self._anchors[-1].seq <= self._last:
            anchor = self._anchors.pop()
            if anchor.seq == self._last and anchor.hash in self._hashes:
                self._anchored = anchor.seq
            elif anchor.seq == self._last and not self._last_is_reported and not self._rewritten:
                since = f"row {self._anchored}, which an earlier anchor confirms" if self._anchored else "the first row"
                text = f"is not the row that the anchor names: the chain was rewritten, somewhere after {since}"
                self._problems.add(ProblemKind.ANCHOR, text, self._last)
                self._rewritten = True
        head = self._head
        if (
            head is None
            or head.seq != self._last
            or head.hash in self._hashes
            or self._last_is_reported
            or self._rewritten
        ):
            return
        text = "is not the row that the head names: the chain was rewritten, or the head was changed"
        self._problems.add(ProblemKind.HEAD, text, self._last)

    def _check_end(self) -> None:
        head = self._head
        if head is None or head.seq is None or head.hash is None:
            if self._rows:
                self._problems.add(ProblemKind.HEAD, "missing, so the end of the chain is not known", None)
        elif self._last > head.seq and self._beyond is not None:
            self._problems.remove(set(ProblemKind), head.seq + 1, self._last)
            self._mismatches = [mismatch for mismatch in self._mismatches if (mismatch.seq or 0) <= head.seq]
            text = f"after the head, which names row {head.seq}: inserted, or the head was set back"
            self._problems.add(ProblemKind.INSERTED, text, self._beyond, self._last)

    def _report_missing_end(self) -> None:
        ends = [("anchor", anchor.seq) for anchor in self._anchors]
        if self._head is not None:
            ends.append(("head", self._head.seq or 0))
        named_by, end = max(ends, key=lambda named: named[1], default=("", 0))
        if end > self._last:
            self._problems.add(
                ProblemKind.DELETED, f"missing at the end: the {named_by} names row {end}", self._last + 1, end
            )

    def _add_mismatch(self, row: RawAuditRow, seq: int) -> None:
        if len(self._mismatches) < MAX_MISMATCHES:
            self._mismatches.append(row)
        else:
            self._problems.add(ProblemKind.EDITED, EDITED_PROBLEM, seq)

    def _report_mismatches(self) -> None:
        """Report each row whose hash does not match its content and seq.

        If the hash matches with the seq of another such row, or with the seq before or after its own, the row was
        moved. Otherwise it was edited.
        """
        seqs = [mismatch.seq or 0 for mismatch in self._mismatches]
        for mismatch in self._mismatches:
            seq = mismatch.seq or 0
            origin = next((s for s in (*seqs, seq - 1, seq + 1) if has_valid_hash(mismatch, seq=s)), None)
            if origin is None:
                self._problems.add(ProblemKind.EDITED, EDITED_PROBLEM, seq)
            else:
                distance = f"{abs(origin - seq)} place{'s' if abs(origin - seq) > 1 else ''}"
                self._problems.add(
                    ProblemKind.REORDERED, f"was written {distance} {'later' if origin > seq else 'earlier'}", seq
                )
