"""Where wire meets judgement: one short module per command, each returning a Report."""
