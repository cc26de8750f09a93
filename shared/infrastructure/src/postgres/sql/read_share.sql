-- What a link shows, oldest first. Needs `share` and `shown`. No row: the link shows nothing.
select h.title, h.revision, b.role, b.model, b.is_cut::int as is_cut, b.content, b.follows::int as follows
from share h cross join shown b order by b.step desc
