-- Trino's scalar functions, said in DuckDB. An overload is chosen by the types of the arguments, and a string is never
-- taken for a date: what has no overload is refused, as on Athena.
-- Behaviour: https://trino.io/docs/current/functions.html, which Athena's engine version 3 follows:
-- https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html
-- A line that starts with `-- family:` counts as documentation of what follows, and is printed by the coverage command.

SET TimeZone = 'UTC';
SET integer_division = true;
SET ieee_floating_point_ops = false;
CREATE SCHEMA trino;
-- A timestamp that knows the zone it is shown in; one in UTC is a plain TIMESTAMPTZ.
CREATE TYPE zoned AS STRUCT(instant TIMESTAMPTZ, zone VARCHAR);

-- family: internal
-- Fails with its message. Not error(): that is volatile, and TRY takes nothing volatile.
CREATE MACRO trino._fail(message) AS CAST(message AS INTEGER);
CREATE MACRO trino._zone(z) AS CASE WHEN regexp_full_match(z, '[+-]\d\d:\d\d') THEN 'GMT' || z WHEN z = 'Z' THEN 'UTC' ELSE z END;
CREATE MACRO trino._instant(x zoned) AS x.instant, (x) AS x;
CREATE MACRO trino._local(x zoned) AS timezone(trino._zone(x.zone), x.instant), (x TIMESTAMPTZ) AS timezone('UTC', x), (x TIMESTAMP) AS x, (x DATE) AS x, (x TIME) AS x;
CREATE MACRO trino._in_zone(local_time, z) AS CAST(struct_pack(instant := timezone(trino._zone(z), local_time), zone := z) AS zoned);
CREATE MACRO trino._interval(u, n) AS CASE lower(u)
  WHEN 'millisecond' THEN to_milliseconds(n) WHEN 'second' THEN to_seconds(n) WHEN 'minute' THEN to_minutes(n)
  WHEN 'hour' THEN to_hours(n) WHEN 'day' THEN to_days(CAST(n AS INTEGER)) WHEN 'week' THEN to_weeks(CAST(n AS INTEGER))
  WHEN 'month' THEN to_months(CAST(n AS INTEGER)) WHEN 'quarter' THEN to_months(CAST(3 * n AS INTEGER)) WHEN 'year' THEN to_years(CAST(n AS INTEGER))
  ELSE to_days(trino._fail('INVALID_FUNCTION_ARGUMENT: ''' || u || ''' is not a valid Timestamp field')) END;
CREATE MACRO trino._date_unit(u) AS CASE WHEN lower(u) IN ('day', 'week', 'month', 'quarter', 'year') THEN u
  ELSE CAST(trino._fail('INVALID_FUNCTION_ARGUMENT: ''' || u || ''' is not a valid DATE field') AS VARCHAR) END;
CREATE MACRO trino._time_unit(u) AS CASE WHEN lower(u) IN ('millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year') THEN u
  ELSE CAST(trino._fail('INVALID_FUNCTION_ARGUMENT: ''' || u || ''' is not a valid Timestamp field') AS VARCHAR) END;
CREATE MACRO trino._plus(x DATE, i INTERVAL) AS CAST(x + i AS DATE), (x TIMESTAMP, i INTERVAL) AS x + i, (x TIMESTAMPTZ, i INTERVAL) AS x + i,
  (x TIME, i INTERVAL) AS x + i, (x INTERVAL, i INTERVAL) AS x + i,
  (x zoned, i INTERVAL) AS CAST(struct_pack(instant := timezone(trino._zone(x.zone), timezone(trino._zone(x.zone), x.instant) + i), zone := x.zone) AS zoned),
  (i INTERVAL, x DATE) AS CAST(x + i AS DATE), (i INTERVAL, x TIMESTAMP) AS x + i, (i INTERVAL, x TIMESTAMPTZ) AS x + i;
CREATE MACRO trino._minus(x DATE, i INTERVAL) AS CAST(x - i AS DATE), (x TIMESTAMP, i INTERVAL) AS x - i, (x TIMESTAMPTZ, i INTERVAL) AS x - i,
  (x TIME, i INTERVAL) AS x - i, (x INTERVAL, i INTERVAL) AS x - i,
  (x zoned, i INTERVAL) AS CAST(struct_pack(instant := timezone(trino._zone(x.zone), timezone(trino._zone(x.zone), x.instant) - i), zone := x.zone) AS zoned);
CREATE MACRO trino._difference(x DATE, y DATE) AS to_days(CAST(x - y AS INTEGER)), (x TIMESTAMP, y TIMESTAMP) AS x - y, (x TIMESTAMPTZ, y TIMESTAMPTZ) AS x - y,
  (x zoned, y zoned) AS x.instant - y.instant, (x zoned, y TIMESTAMPTZ) AS x.instant - y, (x TIMESTAMPTZ, y zoned) AS x - y.instant, (x, y) AS x - y;

-- family: date and time
CREATE MACRO trino.date_trunc(u VARCHAR, x DATE) AS CAST(date_trunc(trino._date_unit(u), x) AS DATE), (u VARCHAR, x TIMESTAMP) AS date_trunc(trino._time_unit(u), x),
  (u VARCHAR, x TIMESTAMPTZ) AS timezone('UTC', date_trunc(trino._time_unit(u), timezone('UTC', x))),
  (u VARCHAR, x zoned) AS trino._in_zone(date_trunc(trino._time_unit(u), trino._local(x)), x.zone);
CREATE MACRO trino.date_add(u VARCHAR, n BIGINT, x DATE) AS trino._plus(x, trino._interval(trino._date_unit(u), n)), (u VARCHAR, n BIGINT, x TIMESTAMP) AS x + trino._interval(u, n),
  (u VARCHAR, n BIGINT, x TIMESTAMPTZ) AS x + trino._interval(u, n), (u VARCHAR, n BIGINT, x zoned) AS trino._plus(x, trino._interval(u, n));
CREATE MACRO trino.date_diff(u VARCHAR, x DATE, y DATE) AS date_sub(trino._date_unit(u), x, y), (u VARCHAR, x TIMESTAMP, y TIMESTAMP) AS date_sub(trino._time_unit(u), x, y),
  (u VARCHAR, x TIMESTAMPTZ, y TIMESTAMPTZ) AS date_sub(trino._time_unit(u), timezone('UTC', x), timezone('UTC', y)),
  (u VARCHAR, x zoned, y zoned) AS date_sub(trino._time_unit(u), trino._local(x), timezone(trino._zone(x.zone), y.instant)),
  (u VARCHAR, x zoned, y TIMESTAMPTZ) AS date_sub(trino._time_unit(u), trino._local(x), timezone(trino._zone(x.zone), y)),
  (u VARCHAR, x TIMESTAMPTZ, y zoned) AS date_sub(trino._time_unit(u), timezone('UTC', x), timezone('UTC', y.instant));
CREATE MACRO trino.hour(x TIMESTAMP) AS hour(x), (x TIMESTAMPTZ) AS hour(trino._local(x)), (x zoned) AS hour(trino._local(x)), (x TIME) AS hour(x);
CREATE MACRO trino.minute(x TIMESTAMP) AS minute(x), (x TIMESTAMPTZ) AS minute(trino._local(x)), (x zoned) AS minute(trino._local(x)), (x TIME) AS minute(x);
CREATE MACRO trino.second(x TIMESTAMP) AS second(x), (x TIMESTAMPTZ) AS second(x), (x zoned) AS second(x.instant), (x TIME) AS second(x);
CREATE MACRO trino.millisecond(x TIMESTAMP) AS millisecond(x) % 1000, (x TIMESTAMPTZ) AS millisecond(x) % 1000, (x zoned) AS millisecond(x.instant) % 1000, (x TIME) AS millisecond(x) % 1000;
CREATE MACRO trino._offset(x zoned) AS CAST(epoch(timezone('UTC', trino._local(x))) - epoch(x.instant) AS BIGINT), (x TIMESTAMPTZ) AS CAST(0 AS BIGINT);
CREATE MACRO trino.date(x DATE) AS x, (x TIMESTAMP) AS CAST(x AS DATE), (x TIMESTAMPTZ) AS CAST(timezone('UTC', x) AS DATE), (x zoned) AS CAST(trino._local(x) AS DATE), (x VARCHAR) AS CAST(x AS DATE);
CREATE MACRO trino.at_timezone(x TIMESTAMPTZ, z VARCHAR) AS CAST(struct_pack(instant := x, zone := z) AS zoned), (x TIMESTAMP, z VARCHAR) AS CAST(struct_pack(instant := timezone('UTC', x), zone := z) AS zoned),
  (x zoned, z VARCHAR) AS CAST(struct_pack(instant := x.instant, zone := z) AS zoned);
CREATE MACRO trino.with_timezone(x TIMESTAMP, z VARCHAR) AS trino._in_zone(x, z);
CREATE MACRO trino.from_unixtime(n) AS to_timestamp(n), (n, z VARCHAR) AS CAST(struct_pack(instant := to_timestamp(n), zone := z) AS zoned);
CREATE MACRO trino.from_unixtime_nanos(n BIGINT) AS timezone('UTC', make_timestamp(n // 1000));
CREATE MACRO trino.to_unixtime(x TIMESTAMP) AS epoch(x), (x TIMESTAMPTZ) AS epoch(x), (x zoned) AS epoch(x.instant);
CREATE MACRO trino._iso_offset(s) AS regexp_extract(s, 'T.*?(Z|[+-]\d\d(?::?\d\d)?)$', 1);
CREATE MACRO trino._offset_name(o) AS CASE WHEN o IN ('Z', '') THEN 'UTC' WHEN length(o) = 3 THEN o || ':00' WHEN length(o) = 5 THEN substr(o, 1, 3) || ':' || substr(o, 4) ELSE o END;
CREATE MACRO trino.from_iso8601_timestamp(s VARCHAR) AS CAST(struct_pack(instant := timezone(trino._zone(trino._offset_name(trino._iso_offset(s))),
  CAST(CASE WHEN regexp_full_match(s, '\d{4}') THEN s || '-01-01' WHEN regexp_full_match(s, '\d{4}-\d\d') THEN s || '-01'
    WHEN regexp_full_match(substr(s, 1, length(s) - length(trino._iso_offset(s))), '\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d([.]\d+)?)?)?') THEN rpad(replace(substr(s, 1, length(s) - length(trino._iso_offset(s))), 'T', ' '), CAST(greatest(19, length(s) - length(trino._iso_offset(s))) AS INTEGER), CASE WHEN length(s) - length(trino._iso_offset(s)) = 16 THEN ':00' ELSE ' 00:00:00' END)
    ELSE CAST(trino._fail('INVALID_FUNCTION_ARGUMENT: Invalid format: "' || s || '"') AS VARCHAR) END AS TIMESTAMP)),
  zone := trino._offset_name(trino._iso_offset(s))) AS zoned);
CREATE MACRO trino.from_iso8601_date(s VARCHAR) AS CAST(s AS DATE);
CREATE MACRO trino.to_iso8601(x DATE) AS strftime(x, '%Y-%m-%d'), (x TIMESTAMP) AS strftime(x, '%Y-%m-%dT%H:%M:%S.%g'), (x TIMESTAMPTZ) AS strftime(timezone('UTC', x), '%Y-%m-%dT%H:%M:%S.%gZ'),
  (x zoned) AS strftime(trino._local(x), '%Y-%m-%dT%H:%M:%S.%g') || CASE WHEN trino._offset(x) = 0 THEN 'Z' ELSE format('{}{:02d}:{:02d}', CASE WHEN trino._offset(x) < 0 THEN '-' ELSE '+' END, abs(trino._offset(x)) // 3600, abs(trino._offset(x)) // 60 % 60) END;
CREATE MACRO trino.to_milliseconds(i INTERVAL) AS epoch_ms(i);
CREATE MACRO trino.current_timezone() AS 'UTC';

-- family: conversion
-- As Java's DecimalFormat "0.0###################E0": 1.2E1.
CREATE MACRO trino._fraction(t) AS split_part(t, '.', 2);
CREATE MACRO trino._exponent(x) AS CASE WHEN contains(CAST(x AS VARCHAR), 'e') THEN CAST(split_part(CAST(x AS VARCHAR), 'e', 2) AS INTEGER)
  WHEN abs(x) >= 1 THEN length(split_part(CAST(abs(x) AS VARCHAR), '.', 1)) - 1
  ELSE length(ltrim(trino._fraction(CAST(x AS VARCHAR)), '0')) - length(trino._fraction(CAST(x AS VARCHAR))) - 1 END;
CREATE MACRO trino._digits(x) AS rtrim(ltrim(regexp_replace(regexp_replace(CAST(abs(x) AS VARCHAR), 'e.*', ''), '[.]', ''), '0'), '0');
CREATE MACRO trino._scientific(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END WHEN x = 0 THEN '0.0E0'
  ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || substr(trino._digits(x), 1, 1) || '.' || CASE WHEN length(trino._digits(x)) > 1 THEN substr(trino._digits(x), 2) ELSE '0' END || 'E' || trino._exponent(x) END;
CREATE MACRO trino._to_varchar(x DATE) AS strftime(x, '%Y-%m-%d'), (x TIMESTAMP) AS strftime(x, '%Y-%m-%d %H:%M:%S.%g'), (x TIMESTAMPTZ) AS strftime(timezone('UTC', x), '%Y-%m-%d %H:%M:%S.%g UTC'),
  (x zoned) AS strftime(trino._local(x), '%Y-%m-%d %H:%M:%S.%g ') || x.zone, (x TIME) AS strftime(DATE '1970-01-01' + x, '%H:%M:%S.%g'),
  (x) AS CASE typeof(x) WHEN 'DOUBLE' THEN trino._scientific(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE)) WHEN 'FLOAT' THEN trino._scientific(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE))
    WHEN 'JSON' THEN CAST(x AS VARCHAR) ->> '$' ELSE CAST(x AS VARCHAR) END;
CREATE MACRO trino._to_date(x VARCHAR) AS CAST(x AS DATE), (x TIMESTAMP) AS CAST(x AS DATE), (x TIMESTAMPTZ) AS CAST(timezone('UTC', x) AS DATE), (x zoned) AS CAST(trino._local(x) AS DATE), (x DATE) AS x;
CREATE MACRO trino._to_timestamp(x VARCHAR) AS CASE WHEN regexp_matches(x, '^\s*\d{4}-\d{1,2}-\d{1,2}(\s+\d{1,2}:\d{1,2}(:\d{1,2}([.]\d+)?)?)?\s*$') THEN CAST(x AS TIMESTAMP) ELSE CAST(CAST(trino._fail('INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: ' || x) AS VARCHAR) AS TIMESTAMP) END,
  (x DATE) AS CAST(x AS TIMESTAMP), (x TIMESTAMP) AS x, (x TIMESTAMPTZ) AS timezone('UTC', x), (x zoned) AS trino._local(x);
CREATE MACRO trino._to_timestamptz(x VARCHAR) AS CAST(x AS TIMESTAMPTZ), (x DATE) AS timezone('UTC', CAST(x AS TIMESTAMP)), (x TIMESTAMP) AS timezone('UTC', x), (x TIMESTAMPTZ) AS x, (x zoned) AS x;
CREATE MACRO trino._whole(x VARCHAR, t) AS CASE WHEN regexp_full_match(x, '[+-]?\d+') THEN x ELSE CAST(trino._fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to ' || t) AS VARCHAR) END,
  (x DOUBLE, t) AS round(x), (x FLOAT, t) AS round(x), (x HUGEINT, t) AS x, (x BIGINT, t) AS x, (x INTEGER, t) AS x, (x SMALLINT, t) AS x, (x TINYINT, t) AS x, (x BOOLEAN, t) AS x, (x, t) AS x;
CREATE MACRO trino._number(x VARCHAR, t) AS CASE WHEN regexp_full_match(x, '\s*([+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d+)?|[+-]?Infinity|NaN)\s*') THEN trim(x) ELSE CAST(trino._fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to ' || t) AS VARCHAR) END, (x, t) AS x;
CREATE MACRO trino._logical(x VARCHAR) AS CASE lower(x) WHEN 't' THEN true WHEN '1' THEN true WHEN 'true' THEN true WHEN 'f' THEN false WHEN '0' THEN false WHEN 'false' THEN false
  ELSE CAST(trino._fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to BOOLEAN') AS BOOLEAN) END, (x) AS CAST(x AS BOOLEAN);
CREATE MACRO trino._to_json(x zoned) AS to_json(trino._to_varchar(x)), (x TIMESTAMP) AS to_json(trino._to_varchar(x)), (x TIMESTAMPTZ) AS to_json(trino._to_varchar(x)), (x DATE) AS to_json(trino._to_varchar(x)), (x) AS to_json(x);
CREATE MACRO trino._to_varbinary(x VARCHAR) AS encode(x), (x) AS x;

-- family: string
CREATE MACRO trino.chr(n) AS chr(CAST(n AS INTEGER));
CREATE MACRO trino.codepoint(s VARCHAR) AS unicode(s);
CREATE MACRO trino.hamming_distance(a VARCHAR, b VARCHAR) AS CASE WHEN length(a) <> length(b) THEN trino._fail('INVALID_FUNCTION_ARGUMENT: The input strings to hamming_distance function must have the same length') ELSE hamming(a, b) END;
CREATE MACRO trino.length(s VARCHAR) AS length(s), (s BLOB) AS octet_length(s);
CREATE MACRO trino.levenshtein_distance(a VARCHAR, b VARCHAR) AS levenshtein(a, b);
CREATE MACRO trino.lower(s VARCHAR) AS lower(s);
CREATE MACRO trino.upper(s VARCHAR) AS upper(s);
CREATE MACRO trino.lpad(s VARCHAR, n, p VARCHAR) AS lpad(s, CAST(n AS INTEGER), p);
CREATE MACRO trino.rpad(s VARCHAR, n, p VARCHAR) AS rpad(s, CAST(n AS INTEGER), p);
CREATE MACRO trino.ltrim(s VARCHAR) AS ltrim(s, chr(32) || chr(9) || chr(10) || chr(13)), (s VARCHAR, c VARCHAR) AS ltrim(s, c);
CREATE MACRO trino.rtrim(s VARCHAR) AS rtrim(s, chr(32) || chr(9) || chr(10) || chr(13)), (s VARCHAR, c VARCHAR) AS rtrim(s, c);
CREATE MACRO trino.trim(s VARCHAR) AS trim(s, chr(32) || chr(9) || chr(10) || chr(13)), (s VARCHAR, c VARCHAR) AS trim(s, c);
CREATE MACRO trino.luhn_check(s VARCHAR) AS CASE WHEN NOT regexp_full_match(s, '\d+') THEN CAST(trino._fail('INVALID_FUNCTION_ARGUMENT: luhn_check input should contain digits only') AS BOOLEAN) ELSE
  list_sum(list_transform(range(1, length(s) + 1), lambda i: CASE WHEN i % 2 = 1 THEN CAST(s[length(s) - i + 1] AS INTEGER) ELSE (CAST(s[length(s) - i + 1] AS INTEGER) * 2) // 10 + (CAST(s[length(s) - i + 1] AS INTEGER) * 2) % 10 END)) % 10 = 0 END;
CREATE MACRO trino.normalize(s VARCHAR) AS nfc_normalize(s);
CREATE MACRO trino.replace(s VARCHAR, a VARCHAR) AS replace(s, a, ''), (s VARCHAR, a VARCHAR, b VARCHAR) AS replace(s, a, b);
CREATE MACRO trino.reverse(s VARCHAR) AS reverse(s), (s) AS list_reverse(s);
CREATE MACRO trino.split(s VARCHAR, d VARCHAR) AS string_split(s, d);
CREATE MACRO trino.split_part(s VARCHAR, d VARCHAR, n) AS CASE WHEN n <= 0 THEN CAST(trino._fail('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero') AS VARCHAR) WHEN n > len(string_split(s, d)) THEN NULL ELSE split_part(s, d, n) END;
CREATE MACRO trino.split_to_map(s VARCHAR, e VARCHAR, k VARCHAR) AS map_from_entries(list_transform(string_split(s, e), lambda p: struct_pack(k := split_part(p, k, 1), v := split_part(p, k, 2))));
CREATE MACRO trino.starts_with(s VARCHAR, p VARCHAR) AS starts_with(s, p);
CREATE MACRO trino.substr(s VARCHAR, n) AS CASE WHEN n = 0 OR abs(n) > length(s) THEN '' ELSE substr(s, n) END, (s VARCHAR, n, l) AS CASE WHEN n = 0 OR l <= 0 OR abs(n) > length(s) THEN '' ELSE substr(s, n, l) END;
CREATE MACRO trino.substring(s VARCHAR, n) AS trino.substr(s, n), (s VARCHAR, n, l) AS trino.substr(s, n, l);
CREATE MACRO trino.translate(s VARCHAR, a VARCHAR, b VARCHAR) AS translate(s, a, b);
CREATE MACRO trino.to_utf8(s VARCHAR) AS encode(s);
CREATE MACRO trino.from_utf8(b BLOB) AS decode(b);

-- family: regular expression
CREATE MACRO trino.regexp_like(s VARCHAR, p VARCHAR) AS regexp_matches(s, p);
CREATE MACRO trino.regexp_count(s VARCHAR, p VARCHAR) AS len(regexp_extract_all(s, p));
CREATE MACRO trino.regexp_extract(s VARCHAR, p VARCHAR) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END, (s VARCHAR, p VARCHAR, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END;
CREATE MACRO trino.regexp_extract_all(s VARCHAR, p VARCHAR) AS regexp_extract_all(s, p), (s VARCHAR, p VARCHAR, g) AS regexp_extract_all(s, p, g);
CREATE MACRO trino.regexp_replace(s VARCHAR, p VARCHAR) AS regexp_replace(s, p, '', 'g'), (s VARCHAR, p VARCHAR, r VARCHAR) AS regexp_replace(s, p, r, 'g');
CREATE MACRO trino.regexp_position(s VARCHAR, p VARCHAR) AS CASE WHEN regexp_matches(s, p) THEN CAST(length(regexp_split_to_array(s, p)[1]) + 1 AS BIGINT) WHEN s IS NOT NULL AND p IS NOT NULL THEN CAST(-1 AS BIGINT) END;
CREATE MACRO trino.regexp_split(s VARCHAR, p VARCHAR) AS regexp_split_to_array(s, p);

-- family: binary
CREATE MACRO trino.to_hex(b BLOB) AS hex(b);
CREATE MACRO trino.from_hex(s VARCHAR) AS unhex(s);
CREATE MACRO trino.to_base64(b BLOB) AS to_base64(b);
CREATE MACRO trino.from_base64(s VARCHAR) AS from_base64(s);
CREATE MACRO trino.md5(b BLOB) AS unhex(md5(b));
CREATE MACRO trino.sha1(b BLOB) AS unhex(sha1(b));
CREATE MACRO trino.sha256(b BLOB) AS unhex(sha256(b));
CREATE MACRO trino.uuid() AS CAST(uuid() AS VARCHAR);

-- family: array
CREATE MACRO trino.array_distinct(a) AS list_filter(a, lambda x, i: coalesce(list_position(a, x), i) = i);
CREATE MACRO trino.array_except(a, b) AS list_filter(list_distinct(a), lambda x: NOT list_contains(b, x));
CREATE MACRO trino.array_intersect(a, b) AS list_sort(list_distinct(list_intersect(a, b)));
CREATE MACRO trino.array_union(a, b) AS trino.array_distinct(list_concat(a, b));
CREATE MACRO trino.array_max(a) AS CASE WHEN len(list_filter(a, lambda x: x IS NULL)) > 0 THEN NULL ELSE list_max(a) END;
CREATE MACRO trino.array_min(a) AS CASE WHEN len(list_filter(a, lambda x: x IS NULL)) > 0 THEN NULL ELSE list_min(a) END;
CREATE MACRO trino.array_position(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE CAST(coalesce(list_position(a, x), 0) AS BIGINT) END;
CREATE MACRO trino.array_remove(a, y) AS list_filter(a, lambda x: x <> y);
CREATE MACRO trino.array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST');
CREATE MACRO trino.arrays_overlap(a, b) AS list_has_any(a, b);
CREATE MACRO trino.contains(a, x) AS list_contains(a, x);
CREATE MACRO trino.flatten(a) AS flatten(a);
CREATE MACRO trino.repeat(x, n) AS list_transform(range(0, n), lambda i: x);
CREATE MACRO trino.sequence(a BIGINT, b BIGINT) AS CASE WHEN a <= b THEN generate_series(a, b) ELSE generate_series(a, b, -1) END, (a BIGINT, b BIGINT, s BIGINT) AS generate_series(a, b, s),
  (a DATE, b DATE) AS list_transform(generate_series(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), CASE WHEN a <= b THEN to_days(1) ELSE to_days(-1) END), lambda t: CAST(t AS DATE)),
  (a DATE, b DATE, s INTERVAL) AS list_transform(generate_series(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), s), lambda t: CAST(t AS DATE)),
  (a TIMESTAMP, b TIMESTAMP, s INTERVAL) AS generate_series(a, b, s);
CREATE MACRO trino.slice(a, n, l) AS CASE WHEN n = 0 THEN list_slice(a, 1, trino._fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')) WHEN n > 0 THEN list_slice(a, n, n + l - 1) WHEN abs(n) > len(a) THEN list_slice(a, 1, 0) ELSE list_slice(a, len(a) + n + 1, len(a) + n + l) END;
CREATE MACRO trino.trim_array(a, n) AS list_slice(a, 1, len(a) - n);
CREATE MACRO trino.ngrams(a, n) AS CASE WHEN len(a) <= n THEN [a] ELSE list_transform(range(1, len(a) - n + 2), lambda i: list_slice(a, i, i + n - 1)) END;

-- family: map
CREATE MACRO trino.map_keys(m) AS map_keys(m);
CREATE MACRO trino.map_values(m) AS map_values(m);
CREATE MACRO trino.map_entries(m) AS list_transform(map_entries(m), lambda e: row(e.key, e.value));
CREATE MACRO trino.map_from_entries(a) AS map_from_entries(a);

CREATE MACRO trino._at(a, k) AS a[k];
CREATE MACRO trino._array_item(a, i) AS CASE WHEN i <= 0 THEN list_extract(a, trino._fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1'))
  WHEN i > len(a) THEN list_extract(a, trino._fail('INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: ' || i || ' > ' || len(a))) ELSE list_extract(a, i) END;
CREATE MACRO trino._map_item(m, k) AS CASE WHEN m IS NULL OR k IS NULL OR map_contains(m, k) THEN m[k]
  ELSE list_extract(map_extract(m, k), trino._fail('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || CAST(k AS VARCHAR))) END;
CREATE MACRO trino._map_of(a) AS map_from_entries(list_filter(a, lambda e, i: e.k IS NOT NULL AND list_position(list_transform(a, lambda o: o.k), e.k) = i));
CREATE MACRO trino._union_of(a) AS CASE WHEN len(a) > 0 THEN list_reduce(a, lambda x, y: map_concat(x, y)) END;
-- Trino's is that of the population, DuckDB's that of a sample.
CREATE MACRO trino._skewness_of(a) AS list_aggregate(a, 'skewness') * (len(a) - 2) / sqrt(len(a) * (len(a) - 1));
CREATE MACRO trino._multimap_of(a) AS map_from_entries(list_transform(list_filter(list_distinct(list_transform(a, lambda e: e.k)), lambda k: k IS NOT NULL), lambda k: struct_pack(k := k, v := list_transform(list_filter(a, lambda e: e.k = k), lambda e: e.v))));

CREATE MACRO trino.multimap_from_entries(a) AS trino._multimap_of(list_transform(a, lambda e: struct_pack(k := e[1], v := e[2])));
CREATE MACRO trino.split_to_multimap(s VARCHAR, e VARCHAR, k VARCHAR) AS trino._multimap_of(list_transform(string_split(s, e), lambda p: struct_pack(k := split_part(p, k, 1), v := split_part(p, k, 2))));

-- family: JSON
CREATE MACRO trino.json_extract(j VARCHAR, p VARCHAR) AS json_extract(CASE WHEN json_valid(j) THEN j END, p), (j JSON, p VARCHAR) AS json_extract(j, p);
CREATE MACRO trino._scalar(j, p) AS CASE WHEN json_type(j, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE json_extract_string(j, p) END;
CREATE MACRO trino.json_extract_scalar(j VARCHAR, p VARCHAR) AS trino._scalar(CASE WHEN json_valid(j) THEN j END, p), (j JSON, p VARCHAR) AS trino._scalar(j, p);
CREATE MACRO trino._json_size(j, p) AS CASE json_type(j, p) WHEN 'OBJECT' THEN len(json_keys(j, p)) WHEN 'ARRAY' THEN CAST(json_array_length(j, p) AS BIGINT) WHEN NULL THEN NULL ELSE 0 END;
CREATE MACRO trino.json_size(j VARCHAR, p VARCHAR) AS trino._json_size(CAST(j AS JSON), p), (j JSON, p VARCHAR) AS trino._json_size(j, p);
CREATE MACRO trino.json_array_length(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN CAST(json_array_length(j) AS BIGINT) END;
CREATE MACRO trino.json_array_get(j VARCHAR, i BIGINT) AS json_extract(j, i), (j JSON, i BIGINT) AS json_extract(j, i);
CREATE MACRO trino.json_array_contains(j, x) AS list_contains(list_transform(CAST(CAST(j AS JSON) AS JSON[]), lambda e: CAST(e AS VARCHAR)), CAST(to_json(x) AS VARCHAR));
CREATE MACRO trino.json_format(j JSON) AS CAST(j AS VARCHAR);
CREATE MACRO trino.json_parse(s VARCHAR) AS json(s);
CREATE MACRO trino.is_json_scalar(j) AS json_type(j) NOT IN ('OBJECT', 'ARRAY');

-- family: mathematics
CREATE MACRO trino._nan_if(undefined, y) AS CASE WHEN undefined THEN CAST('NaN' AS DOUBLE) ELSE y END;
CREATE MACRO trino._logarithm(x, y) AS CASE WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE trino._nan_if(x < 0, y) END;
CREATE MACRO trino.abs(x) AS abs(x);
CREATE MACRO trino.acos(x) AS trino._nan_if(abs(x) > 1, acos(x));
CREATE MACRO trino.asin(x) AS trino._nan_if(abs(x) > 1, asin(x));
CREATE MACRO trino.atan(x) AS atan(x);
CREATE MACRO trino.atan2(y, x) AS atan2(y, x);
CREATE MACRO trino.cbrt(x) AS cbrt(x);
CREATE MACRO trino.ceil(x) AS ceil(x);
CREATE MACRO trino.ceiling(x) AS ceil(x);
CREATE MACRO trino.cos(x) AS cos(x);
CREATE MACRO trino.cosh(x) AS cosh(x);
CREATE MACRO trino.degrees(x) AS degrees(x);
CREATE MACRO trino.e() AS exp(1e0);
CREATE MACRO trino.exp(x) AS exp(x);
CREATE MACRO trino.floor(x) AS floor(x);
CREATE MACRO trino.infinity() AS CAST('Infinity' AS DOUBLE);
CREATE MACRO trino.nan() AS CAST('NaN' AS DOUBLE);
CREATE MACRO trino.is_finite(x) AS isfinite(x);
CREATE MACRO trino.is_infinite(x) AS isinf(x);
CREATE MACRO trino.is_nan(x) AS isnan(x);
CREATE MACRO trino.ln(x) AS trino._logarithm(x, ln(x));
CREATE MACRO trino.log(b, x) AS trino.ln(CAST(x AS DOUBLE)) / trino.ln(CAST(b AS DOUBLE));
CREATE MACRO trino.log2(x) AS trino._logarithm(x, log2(x));
CREATE MACRO trino.log10(x) AS trino._logarithm(x, log10(x));
CREATE MACRO trino.mod(a, b) AS a % b;
CREATE MACRO trino.pi() AS pi();
CREATE MACRO trino.power(a, b) AS CASE WHEN a = 0 AND b < 0 THEN CAST('Infinity' AS DOUBLE) ELSE trino._nan_if(a < 0 AND b <> trunc(b), pow(a, b)) END;
CREATE MACRO trino.pow(a, b) AS trino.power(a, b);
CREATE MACRO trino.radians(x) AS radians(x);
CREATE MACRO trino.rand() AS random();
CREATE MACRO trino.random() AS random(), (n) AS CAST(floor(random() * n) AS BIGINT);
CREATE MACRO trino.round(x) AS round(x), (x, d) AS round(x, CAST(d AS INTEGER));
CREATE MACRO trino.sign(x) AS sign(x);
CREATE MACRO trino.sin(x) AS sin(x);
CREATE MACRO trino.sinh(x) AS sinh(x);
CREATE MACRO trino.sqrt(x) AS trino._nan_if(x < 0, sqrt(x));
CREATE MACRO trino.tan(x) AS tan(x);
CREATE MACRO trino.tanh(x) AS tanh(x);
CREATE MACRO trino.truncate(x) AS trunc(x), (x DECIMAL, n) AS trunc(x * pow(10, n)) / pow(10, n);
CREATE MACRO trino.width_bucket(x, a, b, n) AS CASE WHEN x < a THEN 0 WHEN x >= b THEN n + 1 ELSE CAST(floor((x - a) * n / CAST(b - a AS DOUBLE)) AS BIGINT) + 1 END;
CREATE MACRO trino.bit_count(x, n) AS CASE WHEN n = 64 THEN bit_count(CAST(x AS BIGINT)) ELSE bit_count(CAST(x AS BIGINT) & ((CAST(1 AS BIGINT) << n) - 1)) END;
CREATE MACRO trino.bitwise_and(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT);
CREATE MACRO trino.bitwise_or(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT);
CREATE MACRO trino.bitwise_xor(a, b) AS xor(CAST(a AS BIGINT), CAST(b AS BIGINT));
CREATE MACRO trino.bitwise_not(a) AS -CAST(a AS BIGINT) - 1;
CREATE MACRO trino.to_base(x, r) AS lower(to_base(x, r));

-- family: URL
CREATE MACRO trino.url_encode(s VARCHAR) AS replace(replace(url_encode(s), '%20', '+'), '~', '%7E');
CREATE MACRO trino.url_decode(s VARCHAR) AS url_decode(replace(s, '+', ' '));
CREATE MACRO trino.url_extract_protocol(s VARCHAR) AS regexp_extract(s, '^([a-zA-Z][a-zA-Z0-9+.-]*):', 1);
CREATE MACRO trino.url_extract_host(s VARCHAR) AS regexp_extract(s, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1);
CREATE MACRO trino.url_extract_path(s VARCHAR) AS regexp_extract(s, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*([^?#]*)', 1);
CREATE MACRO trino.url_extract_query(s VARCHAR) AS regexp_extract(s, '[?]([^#]*)', 1);

-- family: type
CREATE MACRO trino.typeof(x) AS CASE typeof(x) WHEN 'STRUCT(instant TIMESTAMP WITH TIME ZONE, "zone" VARCHAR)' THEN 'timestamp(3) with time zone' WHEN 'TIMESTAMP WITH TIME ZONE' THEN 'timestamp(3) with time zone'
  WHEN 'TIMESTAMP' THEN 'timestamp(3)' WHEN 'BLOB' THEN 'varbinary' WHEN 'FLOAT' THEN 'real' WHEN 'INTERVAL' THEN 'interval day to second' WHEN '"NULL"' THEN 'unknown' WHEN 'HUGEINT' THEN 'bigint'
  ELSE regexp_replace(lower(typeof(x)), '^(.*)\[\]$', 'array(\1)') END;
