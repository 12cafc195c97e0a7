"""Applications that use the control plane. The core never imports one."""
