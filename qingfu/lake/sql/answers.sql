SELECT {county} AS county, to_char(f.day, 'YYYY-MM') AS month, f.unit_id, f.day, f.kind, f.band, f.count
FROM notices_familycount f
