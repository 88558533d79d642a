r"""The transform of the delivery stream: no raw CPF passes it.

A CPF is *masked* (`***.456.789-**`, the middle six digits kept); where even they cannot be told apart, digits are
starred (*redacted*). Masked is not anonymous: 1,000 CPFs share each mask.

What counts as a CPF
- Whatever stands under a key `cpf` (any case, any escape, `C.P.F.`, at any depth): eleven digits, or a number of nine
  to eleven (leading zeros lost), are masked; null, an empty string and a mask stay; all else becomes `***.***.***-**`.
- Under a key that contains `cpf` (`user.cpf`, `cpfs`): eleven digits, separators aside, or such a number.
- In any other text, keys included: `ddd.ddd.ddd-dd` with any separators (`529 982 247/25`), also when some are missing;
  eleven bare digits, or digits spaced one by one, only when the check digits hold; and the eleven digits of the
  document's own CPF wherever they stand, even in a longer number. Unicode digits, invisible characters and
  `\u0035`, `%35`, `&#53;` inside text are seen through.
- In a number: eleven digits whose check digits hold (`52998224725`, `5.2998224725e10`), or the document's own CPF.

What does not
- Phones `(11) 98765-4321`, dates, timestamps, and what looks like a UUID or a hexadecimal digest (unless it holds the
  document's own CPF).
- Bare digits whose check digits fail, or in a run of twelve or more. One bare 11-digit number in a hundred has valid
  check digits by chance and is masked: an unformatted mobile phone, for one.
  And what is formatted alike is masked too: the address 192.168.100.12.
- A CPF spelled in words, split over several values, or encoded (base64, encrypted) inside a well-formed document.

What cannot be parsed (no JSON, a list, cut off, not UTF-8) is redacted: every digit and every long encoded-looking run
becomes `*`, and each line starts with `redacted: `, so that no parser takes it for a document again.
"""
