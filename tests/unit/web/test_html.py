"""From values to HTML."""

import pytest
from jinja2 import UndefinedError

from sluice.web.faults import FRAME
from sluice.web.html import ENVIRONMENT, page


def test_everything_is_escaped() -> None:
    said = page("fault.html", **FRAME, now=0, status=404, words="<script>alert('&\"')</script>")
    assert "<script>alert" not in said
    assert "&lt;script&gt;alert(&#39;&amp;&#34;&#39;)&lt;/script&gt;" in said


def test_a_name_that_nobody_gave_is_a_bug() -> None:
    with pytest.raises(UndefinedError):
        page("fault.html", **FRAME, now=0, status=404)


def test_no_template_says_that_something_is_safe() -> None:
    assert ENVIRONMENT.loader is not None
    names = ENVIRONMENT.list_templates()
    assert "frame.html" in names
    for name in names:
        source, *_ = ENVIRONMENT.loader.get_source(ENVIRONMENT, name)
        assert "safe" not in source.replace("safe-", ""), name
        assert "autoescape" not in source, name
        assert "style=" not in source, name
        assert "onclick" not in source, name
