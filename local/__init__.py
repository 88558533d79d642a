"""The same template on one machine: a local AWS for streaming ingestion.

It knows AWS and no sign-ups. Floors, each importing its own or lower ones:
0 pure rules · 1 one door per outside thing · 2 services · 3 gateway and console · 4 command line.
"""
