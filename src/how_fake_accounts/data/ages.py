"""Ages of adults.

Source: IBGE, Census 2022, residents by age group (https://sidra.ibge.gov.br/tabela/9514).
"""

GROUPS = {
    (18, 19): 5_750_377,
    (20, 24): 15_466_463,
    (25, 29): 15_469_723,
    (30, 34): 15_473_117,
    (35, 39): 16_172_791,
    (40, 44): 16_072_170,
    (45, 49): 13_640_112,
    (50, 54): 12_598_581,
    (55, 59): 11_569_106,
    (60, 64): 9_944_389,
    (65, 69): 7_876_232,
    (70, 74): 5_858_536,
    (75, 79): 3_847_379,
    (80, 84): 2_475_030,
    (85, 89): 1_329_203,
}
"""Youngest and oldest, in completed years, with the residents of that age. 18 and 19 are two fifths of 15 to 19."""
