"""Every command: `tree` names them, `mirror` makes those that are one call, the rest are here, by subject."""
