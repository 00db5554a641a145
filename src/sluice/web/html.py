"""From values to HTML: the templates, and the words in which they say numbers.

Rule: everything that is put into a page is escaped, and there is no filter that says otherwise; a name that a template
uses and nobody gave is a bug, and raises.
"""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

ENVIRONMENT = Environment(
    loader=PackageLoader("sluice.web"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def page(template: str, **values: object) -> str:
    """A whole page."""
    return ENVIRONMENT.get_template(template).render(values)
