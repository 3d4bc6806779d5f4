"""Build the one stylesheet, the one script and the icons that every page uses.

    python scripts/assets.py vendor   fetch the pinned packages again and refresh assets/vendor
    python scripts/assets.py build    write static/ from assets/
    python scripts/assets.py check    exit 1 if static/ or assets/vendor is not what it should be

The vendored pieces lie in the repository, so `build` and `check` need no network.
"""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import distribution, version
from math import cos, pi, sin
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS, STATIC, TEMPLATES = ROOT / "assets", ROOT / "static", ROOT / "templates"
VENDOR = ASSETS / "vendor"
CODEX, HTMX, LANGUAGES = VENDOR / "codex", VENDOR / "htmx", VENDOR / "language-data"
CHECKSUMS = VENDOR / "SHA256SUMS"

PACKAGES = {
    "codex": "@wikimedia/codex@2.7.0",
    "tokens": "@wikimedia/codex-design-tokens@2.7.0",
    "icons": "@wikimedia/codex-icons@2.7.0",
    "languages": "@wikimedia/language-data@2.0.4",
}
MODULES = (
    "Icon CdxButton CdxCard CdxInfoChip CdxMessage CdxLabel CdxField CdxTextInput CdxTextArea "
    "CdxSelect CdxCheckbox CdxRadio CdxSearchInput"
).split()
TOKENS = ("theme-wikimedia-ui.css", "theme-wikimedia-ui-mode-dark.css")
STYLES = "base chrome components forms pages".split()
ICONS = """
    add alert appearance arrowNext arrowPrevious article bell bellOutline calendar cancel chart check
    checkAll clock close configure copy download edit ellipsis error expand eye feedback flag funnel
    globe hand heart help history home info infoFilled journal key language lightbulb link linkExternal listBullet
    live lock logIn logOut mapPin menu message microphone moon newspaper next notice
    ongoingConversation pause previous reload search settings speechBubbles star success trash undo
    userAdd userAvatar userAvatarOutline userGroup userRights userTalk
""".split()
OWN_ICONS = {
    "half": '<path d="M10 1a9 9 0 110 18 9 9 0 010-18m0 2v14a7 7 0 000-14"/>',
    "ring": '<path d="M10 1a9 9 0 110 18 9 9 0 010-18m0 2a7 7 0 100 14 7 7 0 000-14"/>',
}


def main(command: str) -> int:
    commands = {"vendor": vendor, "build": build, "check": check}
    if command not in commands:
        print(__doc__)
        return 2
    return commands[command]()


# Vendoring: what comes from elsewhere, at a pinned version, with licence and checksum.


def vendor() -> int:
    with tempfile.TemporaryDirectory() as folder:
        sources = {name: _unpack(package, Path(folder) / name) for name, package in PACKAGES.items()}
        _vendor_codex(sources["codex"], sources["tokens"], sources["icons"])
        _vendor_languages(sources["languages"])
    _vendor_htmx()
    CHECKSUMS.write_text(_checksums())
    return 0


def _unpack(package: str, folder: Path) -> Path:
    folder.mkdir()
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.PIPE)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def _vendor_codex(codex: Path, tokens: Path, icons: Path) -> None:
    _empty(CODEX)
    for module in MODULES:
        shutil.copy(codex / "dist" / "modules" / f"{module}-bidi.css", CODEX)
    for sheet in TOKENS:
        shutil.copy(tokens / "dist" / sheet, CODEX)
    (CODEX / "icons").mkdir()
    for name in ICONS:
        shutil.copy(icons / "dist" / "images" / f"{name}.svg", CODEX / "icons")
    shutil.copy(codex / "LICENSE", CODEX / "LICENSE")
    shutil.copy(icons / "LICENSE", CODEX / "icons" / "LICENSE")
    pinned = (PACKAGES[name] for name in ("codex", "tokens", "icons"))
    (CODEX / "VERSION").write_text(
        "\n".join(pinned) + "\nStyles and tokens: GPL-2.0-or-later (LICENSE). Icons: MIT (icons/LICENSE).\n"
    )


def _vendor_languages(package: Path) -> None:
    _empty(LANGUAGES)
    shutil.copy(package / "data" / "language-data.json", LANGUAGES)
    shutil.copy(package / "COPYING", LANGUAGES / "LICENSE")
    (LANGUAGES / "VERSION").write_text(f"{PACKAGES['languages']}\nLicence: GPL-2.0-or-later (LICENSE).\n")


def _vendor_htmx() -> None:
    _empty(HTMX)
    package = distribution("django-htmx")
    source = package.locate_file("django_htmx/static/django_htmx/htmx-2.min.js")
    shutil.copy(str(source), HTMX / "htmx.min.js")
    found = re.search(r'version:"([\d.]+)"', (HTMX / "htmx.min.js").read_text())
    (HTMX / "VERSION").write_text(
        f"htmx {found[1] if found else '2'}, from django-htmx {version('django-htmx')}. Licence: 0BSD.\n"
    )


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _checksums() -> str:
    files = sorted(path for path in VENDOR.rglob("*") if path.is_file() and path != CHECKSUMS)
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(VENDOR).as_posix()}\n" for path in files
    )


# Building: what the pages load.


def build() -> int:
    STATIC.mkdir(exist_ok=True)
    for path, text in _outputs().items():
        path.write_text(text)
        print(f"{path.name}: {len(text.encode()):,} bytes, {len(gzip.compress(text.encode())):,} compressed")
    return 0


def _outputs() -> dict[Path, str]:
    return {
        STATIC / "site.css": _stylesheet(),
        STATIC / "site.js": _script(),
        STATIC / "icons.svg": _sprite(),
        STATIC / "mark.svg": _mark(),
    }


def _stylesheet() -> str:
    codex = "".join((CODEX / f"{module}-bidi.css").read_text() for module in MODULES)
    own = "".join((ASSETS / "css" / f"{name}.css").read_text() for name in STYLES)
    return _minified(_tokens_used_in(codex + own) + codex + own)


def _minified(css: str) -> str:
    """Only what is safe without reading the grammar: comments, and blanks beside punctuation."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};,]) ?", r"\1", css).replace(";}", "}").strip() + "\n"


def _tokens_used_in(css: str) -> str:
    """The design tokens that the sheet needs: light, dark by the reader's system, dark by their choice."""
    light, dark = (_tokens(sheet) for sheet in TOKENS)
    used = _closure(_variables(css), light)
    plain = _declarations(light, used)
    darker = _declarations(dark, used)
    return (
        f":root{{{plain}}}"
        f"@media (prefers-color-scheme:dark){{:root:not(.theme-light){{{darker}}}}}"
        f":root.theme-dark{{{darker}}}"
    )


def _tokens(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"^\s*(--[\w-]+): (.*?);", (CODEX / sheet).read_text(), flags=re.M))


def _variables(css: str) -> set[str]:
    return set(re.findall(r"var\( ?(--[\w-]+)", css))


def _closure(used: set[str], tokens: dict[str, str]) -> set[str]:
    """Tokens refer to tokens."""
    more = used.union(*(_variables(tokens[name]) for name in used if name in tokens))
    return used if more == used else _closure(more, tokens)


def _declarations(tokens: dict[str, str], used: set[str]) -> str:
    return "".join(f"{name}:{value};" for name, value in tokens.items() if name in used)


def _script() -> str:
    return (HTMX / "htmx.min.js").read_text().rstrip() + "\n" + (ASSETS / "js" / "site.js").read_text()


def _sprite() -> str:
    symbols = [f'<symbol id="{name}" viewBox="0 0 20 20">{_drawing(name)}</symbol>' for name in ICONS]
    symbols += [f'<symbol id="{name}" viewBox="0 0 20 20">{path}</symbol>' for name, path in OWN_ICONS.items()]
    symbols.append(f'<symbol id="mark" viewBox="0 0 32 32">{_discs("currentColor")}{SQUARE}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _drawing(name: str) -> str:
    svg = (CODEX / "icons" / f"{name}.svg").read_text()
    inside = re.sub(r"<\?xml.*?\?>|</?svg.*?>|<title>.*?</title>", "", svg, flags=re.S)
    return re.sub(r"\s*\n\s*", "", inside)


# The mark: ten discs (the recommendations) round a square (the town square).
DISCS = [(round(16 + 13 * sin(i * pi / 5), 1), round(16 - 13 * cos(i * pi / 5), 1)) for i in range(10)]
SQUARE = '<path d="M11 11h10v10H11z"/>'


def _discs(fill: str) -> str:
    return f'<g fill="{fill}">' + "".join(f'<circle cx="{x}" cy="{y}" r="2.6"/>' for x, y in DISCS) + "</g>"


def _mark() -> str:
    light, dark = (_tokens(sheet) for sheet in TOKENS)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f"<style>path{{fill:{light['--color-emphasized']}}}g{{fill:{light['--color-progressive']}}}"
        f"@media (prefers-color-scheme:dark){{path{{fill:{dark['--color-emphasized']}}}"
        f"g{{fill:{dark['--color-progressive']}}}}}</style>"
        f"{_discs('inherit')}{SQUARE}</svg>\n"
    )


# Checking.


def check() -> int:
    problems = [*_stale(), *_own_values(), *_unknown_tokens(), *_unknown_icons()]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _stale() -> list[str]:
    problems = [
        f"{path.relative_to(ROOT)} is stale: run `python scripts/assets.py build`"
        for path, text in _outputs().items()
        if not path.exists() or path.read_text() != text
    ]
    if CHECKSUMS.read_text() != _checksums():
        problems.append("assets/vendor differs from its SHA256SUMS")
    return problems


def _own_values() -> list[str]:
    """Our own sheets use Codex tokens only; the two breakpoints are literals because they must be."""
    problems = []
    for name in STYLES:
        css = (ASSETS / "css" / f"{name}.css").read_text()
        css = re.sub(r"/\*.*?\*/|@media[^{]*", "", css, flags=re.S)
        for value in re.findall(r"(?:#[0-9a-fA-F]{3,8}\b|\b[\d.]+(?:px|rem|em)\b|rgba?\()[^;]*", css):
            problems.append(f"assets/css/{name}.css has a value of its own: {value}")
    return problems


def _unknown_tokens() -> list[str]:
    known = _tokens(TOKENS[0])
    own = "".join((ASSETS / "css" / f"{name}.css").read_text() for name in STYLES)
    return [f"no such token: {name}" for name in sorted(_variables(own) - known.keys())]


def _unknown_icons() -> list[str]:
    known = {*ICONS, *OWN_ICONS, "mark"}
    return [
        f"{path.relative_to(ROOT)}: no icon {name!r} in the sprite, add it to ICONS"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for name in re.findall(r'{% icon "(\w+)"', path.read_text())
        if name not in known
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
