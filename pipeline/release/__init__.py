"""From alerts to files in an agency's hands: who may be told what (`policy`), in which form (`formats`), in one folder (`bundle`)."""
