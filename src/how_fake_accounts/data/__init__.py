"""What accounts are made of: tables of plain data, each naming its public source. Nothing here computes."""
