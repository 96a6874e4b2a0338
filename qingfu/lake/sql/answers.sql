SELECT {county} AS county, to_char(f.day, 'YYYY-MM') AS month, f.unit_id, f.day, f.kind, f.band,
       CASE WHEN f.kind <> 'time' THEN NULL WHEN f.band = 'none' THEN 0 ELSE split_part(f.band, '-', 1)::int END AS band_from,
       f.count
FROM (SELECT unit_id, date_trunc('week', day)::date AS day, kind, band, sum(count) AS count
      FROM notices_familycount GROUP BY 1, 2, 3, 4) AS f
