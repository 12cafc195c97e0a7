"""RCA: root-cause analysis. Keeps what systems hold and mean (metadata), to find why two of them disagree."""
