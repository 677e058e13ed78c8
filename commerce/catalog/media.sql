-- name: add_media
-- Note a picture; one that is kept already stays as it is.
insert into catalog.media (sha256, kind, bytes, width, height, added_by, added_at)
values (:sha256, :kind, :bytes, :width, :height, :added_by, :at) on conflict do nothing;

-- name: find_media
-- A picture that is kept here.
select sha256, kind, bytes, width, height from catalog.media where sha256 = :sha256;
