"""A form as a browser would send it: every control of a page's form with the value that it shows."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self, mark):
        super().__init__()
        self.mark, self.inside, self.values = mark, False, {}
        self.select = self.area = None
        self.first_option = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.inside = attrs.get("method", "").lower() == "post" and (
                self.mark in (attrs.get("id", ""), attrs.get("class", "")) or not self.mark
            )
        if not self.inside:
            return
        name = attrs.get("name")
        if tag == "input" and name and "disabled" not in attrs:
            kind = attrs.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in attrs:
                    self.put(name, attrs.get("value") or "on")
            elif kind not in ("submit", "button", "file"):
                self.put(name, attrs.get("value") or "")
        elif tag == "select" and name and "disabled" not in attrs:
            self.select, self.first_option, self.chosen = name, None, None
        elif tag == "option" and self.select:
            value = attrs.get("value") or ""
            self.first_option = value if self.first_option is None else self.first_option
            if "selected" in attrs:
                self.chosen = value
        elif tag == "textarea" and name:
            self.area = name
            self.put(name, "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        if tag == "select" and self.select:
            value = self.chosen if self.chosen is not None else self.first_option
            if value is not None:
                self.put(self.select, value)
            self.select = None
        if tag == "textarea":
            self.area = None

    def handle_data(self, data):
        if self.inside and self.area:
            self.values[self.area][-1] += data

    def put(self, name, value):
        self.values.setdefault(name, []).append(value)


def filled_form(response, mark=""):
    """`{name: value}` of the POST form with this id or class, else of the last on the page; lists where repeated."""
    reader = _Reader(mark)
    reader.feed(response.content.decode())
    values = {name: found if len(found) > 1 else found[0] for name, found in reader.values.items()}
    values.pop("csrfmiddlewaretoken", None)
    return {
        name: value.removeprefix("\n") if isinstance(value, str) else value
        for name, value in values.items()
        if "__prefix__" not in name
    }
