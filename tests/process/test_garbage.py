"""What a long process has loaded is not looked at by later garbage collections."""

import subprocess
import sys
import textwrap

PROGRAM = """
    import gc
    import control_plane.api.app  # brings the web framework, with many objects
    from services.process import garbage

    loaded = len(gc.get_objects())
    garbage.exclude_loaded()
    class Node: pass
    node = Node()
    node.itself = node
    del node
    print(loaded > 50_000, len(gc.get_objects()) < 1_000, gc.collect() > 0)
"""


def test_what_is_loaded_is_excluded_and_later_garbage_is_collected() -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["True", "True", "True"]
