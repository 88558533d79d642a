"""Ages of adults.

Source: IBGE, Census 2022, residents by age group (https://sidra.ibge.gov.br/tabela/9514).
"""

GROUPS = {
    (18, 19): 59,
    (20, 24): 155,
    (25, 29): 157,
    (30, 34): 156,
    (35, 39): 164,
    (40, 44): 162,
    (45, 49): 138,
    (50, 54): 126,
    (55, 59): 115,
    (60, 64): 98,
    (65, 69): 79,
    (70, 74): 57,
    (75, 79): 37,
    (80, 89): 38,
}
"""(youngest, oldest) in completed years, with residents in hundreds of thousands."""
