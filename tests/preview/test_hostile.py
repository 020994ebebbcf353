"""Whatever stands in a preview: no traceback, no secret, not too long, and no markup but our own."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from preview.document import COMMENT, as_markdown, marker
from preview.errors import MistakeError
from preview.markdown import code, element, fenced, visible
from preview.pieces import length
from preview.reading import read_preview
from preview.report import as_json, report_on
from preview.urns import StackName

from .making import PLAIN, SECRET, UNKNOWN, step, told, urn
from .making import preview as made

HOSTILE = [
    "`", "``` \n```", "|", "a|b", "\\|", "\n\n# title", "</details>", "</code></summary><img src=x>",
    "<b>", "<!--", "-->", "@octocat", "@org/team", "#123", "GH-1", "owner/name#1",
    "https://evil.example", "www.evil.example", "a@evil.example", "[x](https://evil.example)",
    "![x](y)", "[x]: y", "&lt;b&gt;", "&#64;octocat", ":tada:", "**b**", "_i_", "~~s~~", "> quote",
    "- item", "| a |\n|---|", "$x$", "\u202eevil", "\u200b", "\u2066", "\x00", "\x1b[31m", "\ud800",
    "\U000e0041", "\u05d0\u05d1", "e\u0301\u0301\u0301\u0301", "\u2028", "\t", "\r", "", " ", "`" * 50,
    "~~~", "    code", "=", "---", "[!CAUTION]", "<details>", "\\", "${{ x }}", UNKNOWN,
]  # fmt: skip
TYPES = [
    "aws:s3/bucket:Bucket", "aws:iam/rolePolicy:RolePolicy", "aws:lambda/function:Function",
    "aws:lambda/alias:Alias", "aws:lambda/invocation:Invocation", "lamina:index:LambdaLayer",
    "lamina:index:PythonFunction", "aws:s3/bucketObjectv2:BucketObjectv2", "pulumi:pulumi:Stack",
    "pulumi:providers:aws",
]  # fmt: skip
NAMES = [
    "packages", "digest", "unzippedSize", "policy", "layers", "environment", "functionName", "publish",
    "name", "Statement", "Principal", "Action", "Effect", "routingConfig", "additionalVersionWeights",
    "codeDigest", "scheduleExpression", "state", "enabled", "ingress", "cidrBlocks", "options",
    "__defaults", "secret", "value", "4dabf18193072939515e22adb298388d",
]  # fmt: skip

TELLING = [
    "password", "DB_PASSWORD", "dbPass", "pwd", "PASSWD_HASH", "API_TOKEN_V2", "GITHUB_PAT", "credentials",
    "secrets", "clientSecret", "privateKeyPem", "apiKeys", "connectionString", "secretAccessKey",
]  # fmt: skip
NUMBER = 98_765_432_101_234

texts = st.sampled_from(HOSTILE) | st.text(max_size=12) | st.sampled_from(TYPES)
names = st.sampled_from(NAMES) | texts
# What must not be told where a name says what it is, or a state.
kept = st.sampled_from(
    [
        *(PLAIN, NUMBER, [PLAIN], {"k": PLAIN}, {"k": [NUMBER]}, json.dumps({"k": PLAIN})),
        json.dumps({"Statement": [{"Effect": "Allow", "Action": PLAIN}]}),
    ]
)
credentials = st.dictionaries(st.sampled_from(TELLING), kept, max_size=3)
telling = credentials | st.builds(
    lambda key, name, value: {key: name, "value": value},
    st.sampled_from(["name", "key"]),
    st.sampled_from(TELLING),
    kept,
)
urls = st.sampled_from([f"postgres://u:{PLAIN}@h/db", f"https://{PLAIN}@h", f"amqp://u:p@{PLAIN}/x@h:1 a@b"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.just(SECRET)
    | telling
    | urls,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4) | inner.map(json.dumps)
    ),
    max_leaves=8,
)
odd = st.none() | st.integers() | texts | st.lists(st.integers(), max_size=2)
inputs = st.dictionaries(names, values, max_size=5)
# Some twice, so that a step follows upon another of the same resource.
urns = st.sampled_from([urn(each, "thing") for each in TYPES]) | st.builds(
    lambda types, name: f"urn:pulumi:prod::shop::{'$'.join(types)}::{name}",
    st.lists(st.sampled_from(TYPES) | texts, min_size=1, max_size=3),
    texts,
)
sealed = st.dictionaries(st.sampled_from([*NAMES[:8], "sealed"]), kept, max_size=2)
states = st.builds(
    lambda state, named, secrets: {
        **state,
        "inputs": {**state["inputs"], **named, **secrets},
        "outputs": {**state["outputs"], **named, **secrets},
        "additionalSecretOutputs": list(secrets),
    },
    st.fixed_dictionaries(
        {"type": st.sampled_from(TYPES), "inputs": inputs, "outputs": inputs},
        optional={
            "parent": urns,
            "custom": st.booleans(),
            "delete": st.booleans(),
            "id": texts,
            "protect": st.booleans(),
        },
    ),
    credentials,
    sealed,
)
OPS = [
    "create", "update", "delete", "replace", "refresh", "same", "read", "import", "discard",
    "create-replacement", "delete-replaced", "odd",
]  # fmt: skip
steps = st.fixed_dictionaries(
    {"op": st.sampled_from(OPS), "urn": urns},
    optional={
        "oldState": states | odd,
        "newState": states | odd,
        "diffReasons": st.lists(names, max_size=3) | odd,
        "replaceReasons": st.lists(names, max_size=3),
        "detailedDiff": st.dictionaries(texts, st.fixed_dictionaries({"kind": texts}), max_size=3) | odd,
    },
)
previews = st.fixed_dictionaries(
    {"steps": st.lists(steps, max_size=6)},
    optional={
        "diagnostics": st.lists(
            st.fixed_dictionaries(
                {"severity": st.sampled_from(["error", "warning", "info"]), "message": texts}
            )
            | odd,
            max_size=3,
        ),
        "config": st.dictionaries(
            st.sampled_from(["shop:pin.api", "shop:canary"]) | texts, texts, max_size=3
        ),
        "changeSummary": st.dictionaries(texts, st.integers(), max_size=2) | odd,
    },
)

# What the comment is made of, and nothing else.
OURS = {
    "heading", "paragraph", "blockquote", "bullet_list", "list_item", "fence", "html_block", "inline",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
OURS_INLINE = {"text", "code_inline", "strong", "softbreak"}
TAGS = {"details", "summary", "b", "code"}


class Tags(HTMLParser):
    """The tags of an HTML block, and the text that stands outside `<code>`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.open: list[str] = []
        self.outside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.found.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" not in self.open:
            self.outside += data


def assert_inert(markdown: str) -> None:
    """Nothing is rendered but what we write, and outside of code there is only our own text."""
    first, _, rest = markdown.partition("\n")
    assert re.fullmatch(r"<!-- lamina-preview [\w.%~-]*/[\w.%~-]* -->", first)
    tags = Tags()
    outside = "".join(_outside(each, tags) for each in _parser().parse(rest))
    assert tags.open == []
    assert not re.search(
        r"@\w|#\d|GH-\d|https?:|www\.|[<>\[\]`|]", outside.replace("[!", "").replace("]", "")
    ), outside


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def _outside(token: Token, tags: Tags) -> str:
    kind = token.type.removesuffix("_open").removesuffix("_close")
    assert kind in OURS, token
    if kind == "html_block":
        tags.outside = ""
        tags.feed(token.content)
        assert tags.found <= TAGS, token
        return tags.outside
    for child in token.children or ():
        name = child.type.removesuffix("_open").removesuffix("_close")
        assert name in OURS_INLINE, child
    return " ".join(child.content for child in token.children or () if child.type == "text")


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(previews)
def test_an_arbitrary_preview_is_told_without_a_secret_and_without_markup_of_its_own(
    found: dict[str, Any],
) -> None:
    report = report_on(read_preview(json.dumps(found)))
    markdown = as_markdown(report)
    assert length(markdown) <= COMMENT.limit
    assert_inert(markdown)
    whole = json.dumps(as_json(report, markdown))
    assert [each for each in (PLAIN, str(NUMBER), f"{NUMBER:,}") if each in whole] == []


@settings(max_examples=60)
@given(st.text() | values.map(json.dumps))
def test_arbitrary_text_is_a_preview_or_a_mistake(text: str) -> None:
    try:
        preview = read_preview(text)
    except MistakeError:
        return
    assert_inert(as_markdown(report_on(preview)))


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_hostile_text_is_inert_wherever_it_stands(text: str) -> None:
    old, new = {text: text, "a": f"{text}1"}, {text: f"{text}{text}", "a": text}
    layer = {
        "digest": text,
        "packages": {text: text},
        "runtime": text,
        "unzippedSize": 240_000_000,
        "options": old,
    }
    markdown = told(
        step(
            "update",
            f"a:b:{text}",
            text,
            old,
            new,
            replaceReasons=[text],
            detailedDiff={text: {"kind": text}},
        ),
        step("replace", "aws:s3/bucket:Bucket", text, old, new, replaceReasons=[text]),
        step(
            "delete", "aws:sqs/queue:Queue", text, old, state={"parent": f"urn:pulumi:p::s::{text}::{text}"}
        ),
        step(
            "update",
            "lamina:index:LambdaLayer",
            text,
            {**layer, "packages": {}},
            layer,
            state={"custom": False},
        ),
        step("refresh", "aws:lambda/alias:Alias", f"{text}x", {"name": text, "x": 1}, {}),
        step(
            "update", "aws:lambda/alias:Alias", f"{text}x", {"name": text, "x": text}, {}, diffReasons=["x"]
        ),
        config={"shop:pin.api": text},
        diagnostics=[{"severity": each, "message": text, "urn": text} for each in ("error", "warning")],
    )
    assert_inert(markdown)
    assert "\u202e" not in markdown
    assert "\u200b" not in markdown


@pytest.mark.parametrize("name", ["-->", "a--b", "---", "\ud800", "@octocat", "a/b", "<b>"])
def test_no_stacks_name_ends_the_marker(name: str) -> None:
    found = marker(StackName(name, name))
    assert re.fullmatch(r"<!-- lamina-preview ([\w.%~-]+)/\1 -->", found)
    assert "--" not in found[4:-3]


def test_what_cannot_be_seen_is_written_as_an_escape() -> None:
    assert visible("a\u202eb\u200b\x00\n\U000e0041\u00a0") == "a\\u202eb\\u200b\\x00\\n\\U000e0041\\xa0"
    assert visible("\u05d0") == "\\u05d0"
    assert visible("\u05d0", reordered=True) == "\u05d0"
    assert visible("zażółć 日本語") == "zażółć 日本語"


def test_code_outlasts_the_backticks_in_it() -> None:
    assert code("a``b") == "```a``b```"
    assert code("`") == "`` ` ``"
    assert code("a|b") == "`a\\x7cb`"
    assert code("") == "`''`"
    assert element("<&>") == "<code>&lt;&amp;&gt;</code>"
    assert fenced(["```", "x"], "diff") == "````diff\n```\nx\n````"


def test_a_long_value_is_shortened_and_says_how_long_it_is() -> None:
    text = told(step("update", "a:b:C", old={"x": "a" * 5_000}, new={"x": "b"}))
    assert "(5,002 characters)" in text
    assert "a" * 200 not in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a": SECRET}, {"a": "hunter2"}),
        ({"a": "hunter2"}, {"a": SECRET}),
        ({"a": {"b": "hunter2"}}, {"a": "[secret]"}),
        ({"a": ["x", "hunter2"]}, {"a": ["x", "[secret]"]}),
        ({"dbPassword": "hunter1"}, {"dbPassword": "hunter2"}),
        ({"env": [{"name": "API_KEY", "value": "hunter2"}]}, {"env": []}),
        ({"a": json.dumps({"secretKey": "hunter2"})}, {"a": "{}"}),
        (
            {
                "a": {
                    "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4",
                    "secret": True,
                    "value": "hunter2",
                }
            },
            {"a": 1},
        ),
    ],
    ids=[
        "no longer secret",
        "newly secret",
        "a mapping",
        "a list",
        "by its name",
        "a variable",
        "JSON",
        "an output",
    ],
)
def test_a_secret_is_told_in_neither_of_its_forms(old: dict[str, Any], new: dict[str, Any]) -> None:
    markdown = told(step("update", "a:b:C", old=old, new=new, diffReasons=list(old)))
    assert "hunter" not in markdown
    assert "(secret)" in markdown


@pytest.mark.parametrize(
    "secret", [{"a": SECRET}, {"b": {"apiKey": "hunter2"}}, {"c": '{"secretKey": "hunter2"}'}]
)
def test_a_secret_of_what_is_made_is_hidden(secret: dict[str, Any]) -> None:
    markdown = told(step("create", "a:b:C", new=secret))
    assert "hunter" not in markdown
    assert "(secret)" in markdown


@pytest.mark.parametrize(
    "secret",
    [
        {"secrets": {"k": "hunter2"}},
        {"password": 987654321},
        {"passwords": ["hunter2", 987654321]},
        *({name: "hunter2"} for name in ("pwd", "dbPass", "DB_PW", "PASSWD_HASH", "API_TOKEN_V2")),
        *({name: "hunter2"} for name in ("GITHUB_PAT", "credentials", "secretAccessKey", "tls-private-key")),
        {"tags": [{"key": "token", "value": 987654321}]},
        {"a": json.dumps(json.dumps({"password": "hunter2"}))},
        {"url": "postgres://u:hunter2@h/db"},
        {"url": "postgres://u:p/hunter2@h/db"},
        {"url": "postgres://u:p@hunter2/x@h/db"},
        {"url": "https://hunter2@github.com/x"},
        {"a": json.dumps({"url": "redis://:hunter2@h"})},
    ],
    ids=str,
)
def test_a_credential_by_its_name_or_in_a_url_is_told_in_no_shape(secret: dict[str, Any]) -> None:
    markdown = told(step("create", "a:b:C", new=secret))
    assert "hunter" not in markdown
    assert "987654321" not in markdown
    assert "(secret)" in markdown


@pytest.mark.parametrize(
    "harmless",
    [
        *({name: "plain"} for name in ("secretArn", "tokenUrl", "passRole", "bypass", "path", "compat")),
        *({name: "plain"} for name in ("passwordPolicy", "nextToken", "PATH", "format", "secretsManager")),
        {"token.actions.githubusercontent.com:sub": "plain"},
        {"maxTokens": 4096},
        {"credentials": "arn:aws:iam::123456789012:role/plain"},
        {"secrets": [{"name": "DB_PASSWORD", "valueFrom": "plain"}]},
        {"password": False, "token": None, "secret": "", "tokens": []},
        {"url": "https://host:8080/npm/@scope/plain"},
        {"mail": "plain@example.com"},
    ],
    ids=str,
)
def test_what_is_only_about_a_credential_is_told(harmless: dict[str, Any]) -> None:
    assert "(secret)" not in told(step("create", "a:b:C", new=harmless))


def test_another_password_in_a_url_is_a_secret_that_changes() -> None:
    old, new = ({"url": f"postgres://u:{word}@h"} for word in ("hunter1", "hunter2"))
    markdown = told(step("update", "a:b:C", old=old, new=new, diffReasons=["url"]))
    assert "! url: (secret) changes" in markdown
    assert "hunter" not in markdown


def test_a_message_is_told_without_the_password_in_its_url() -> None:
    said = [{"severity": each, "message": "no postgres://u:hunter2@h"} for each in ("error", "warning")]
    markdown = told(diagnostics=said)
    assert markdown.count("no postgres://(secret)@h") == 2
    assert "hunter2" not in markdown


SEALED = {"additionalSecretOutputs": ["policy", "timeout"]}


@pytest.mark.parametrize("side", ["oldState", "newState"])
def test_what_one_state_calls_secret_is_told_of_no_state(side: str) -> None:
    policies = [
        {"policy": json.dumps({"Statement": {"Effect": "Allow", "Action": f"s3:{PLAIN}{end}"}})}
        for end in "ab"
    ]
    changed = step("update", "aws:iam/policy:Policy", "p", *policies, diffReasons=["policy"])
    changed[side] |= SEALED
    markdown = told(changed)
    assert PLAIN not in markdown
    assert "whether it allows more is not known of a policy that is secret: `aws:iam:Policy` `p`" in markdown


def test_a_secret_output_that_was_changed_outside_is_not_told() -> None:
    type_ = "aws:lambda/function:Function"
    was, found = {"timeout": PLAIN, "memorySize": 1}, {"timeout": f"{PLAIN}2", "memorySize": 2}
    markdown = told(
        step("refresh", type_, old=was, new=was),
        step("update", type_, old=found, new=was, diffReasons=["timeout", "memorySize"], state=SEALED),
    )
    assert "changed outside" in markdown
    assert PLAIN not in markdown


def test_outputs_that_a_state_calls_secret_are_hidden() -> None:
    markdown = told(
        step(
            "update", "a:b:C", state={"additionalSecretOutputs": ["out"]}, outputs={"out": "hunter2"},
            detailedDiff={"out": {"kind": "update"}}
        )
    )  # fmt: skip
    assert "hunter2" not in markdown
    assert "! out: (secret) changes" in markdown


def test_thousands_of_dangers_still_find_room() -> None:
    many = [step("delete", "aws:s3/bucket:Bucket", f"bucket-{number}" * 5) for number in range(3_000)]
    markdown = told(*many)
    assert length(markdown) <= COMMENT.limit
    assert "**Left out**, because a comment on GitHub takes 65,536 characters: " in markdown
    assert "the rest of the list" in markdown
    assert_inert(markdown)


def test_deep_nesting_is_no_traceback() -> None:
    nested = "[" * 500 + "]" * 500
    text = made(step("update", "a:b:C", old={"x": 1}, new={"x": 2})).replace('"x": 2', f'"x": {nested}')
    assert "nested" in as_markdown(report_on(read_preview(text)))
    with pytest.raises(MistakeError, match="deeply"):
        read_preview('{"steps": ' + "[" * 100_000)
