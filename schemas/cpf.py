"""The CPF's check digits.

Rule: https://pt.wikipedia.org/wiki/Cadastro_de_Pessoas_F%C3%ADsicas#C%C3%A1lculo_do_d%C3%ADgito_verificador
"""


def check_digits(base: str) -> str:
    """Return the two check digits of the nine digits of `base`."""
    digits = [int(digit) for digit in base]
    for weights in (range(10, 1, -1), range(11, 1, -1)):
        remainder = sum(map(int.__mul__, digits, weights)) * 10 % 11
        digits.append(remainder % 10)
    return f"{digits[9]}{digits[10]}"


def valid_cpf(text: str) -> str:
    """Return `text` if it is a formatted CPF (`000.000.000-00`) whose check digits hold.

    Raises ValueError otherwise, without repeating the digits.
    """
    digits = text.replace(".", "").replace("-", "")
    if len(set(digits)) == 1:
        raise ValueError("a CPF of one repeated digit is never issued")
    if digits[9:] != check_digits(digits[:9]):
        raise ValueError("the check digits of the CPF do not hold")
    return text
