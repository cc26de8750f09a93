-- What a link shows, oldest first. Needs `share` and `shown`. No row: the link shows nothing. One row without a message: it is of the revision that is known.
select h.title, h.revision, b.role, b.model, b.is_cut::int as is_cut, b.content, b.follows::int as follows
from share h left join shown b on true order by b.step desc
