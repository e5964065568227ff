"""What makes the repository's pages a site: they are written for the view of the repository, and stay as they are.

- pages outside of docs/ (extra.pages in mkdocs.yml) join the site;
- a link to a page of the site leads there, a link to another file of the repository to the repository's host; any other fails the build;
- a list may follow a sentence without an empty line, and a block's language may be followed by a word for the tests, as in the repository's view;
- a page with a drawing gets mermaid from the site itself;
- a line that is a badge is left out, as nothing is loaded from other hosts.
"""

import os
import posixpath
import re
from pathlib import Path
from xml.etree import ElementTree

from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
LIST_ITEM = re.compile(r"([-*+]|\d+\.) ")
FENCE = re.compile(r"(```\w*)")
BADGE = re.compile(r"^\[!\[.*\n", re.MULTILINE)
MERMAID = "javascripts/mermaid.min.js"
STYLE = "stylesheets/site.css"


class Site:
    """State of one build: the page that is rendered, and where each page comes from."""

    sources = {}  # page in the site -> file in the repository
    pages = {}  # file in the repository -> page in the site
    current = ""
    blob = ""


def on_config(config):
    Site.blob = config.extra["repository"] + "/{kind}/" + config.extra["ref"] + "/{path}"
    fill_navigation(config.nav, Path(config.docs_dir))
    config.markdown_extensions.append(RepositoryView())
    return config


def fill_navigation(nav, folder):
    """A list of pages `FOLDER/*` in the navigation is all pages of that folder."""
    for i, entry in enumerate(nav):
        for title, value in entry.items() if isinstance(entry, dict) else ():
            if isinstance(value, list) and len(value) == 1 and str(value[0]).endswith("/*"):
                pages = sorted((folder / value[0][:-2]).glob("*.md"))
                nav[i] = {title: [str(page.relative_to(folder)) for page in pages]}
            elif isinstance(value, list):
                fill_navigation(value, folder)


def on_files(files, config):
    Site.sources = {file.src_uri: "docs/" + file.src_uri for file in files}
    for source, page in config.extra["pages"].items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
        Site.sources[page] = source
    Site.pages = {source: page for page, source in Site.sources.items()}
    script = os.environ.get("SITE_MERMAID")
    if not script:
        raise PluginError("SITE_MERMAID is not set: build the site with scripts/site")
    files.append(File.generated(config, MERMAID, abs_src_path=script))
    files.append(File.generated(config, STYLE, abs_src_path=str(Path(__file__).with_name("site.css"))))
    return files


def on_page_markdown(markdown, page, config, files):
    Site.current = page.file.src_uri
    return BADGE.sub("", markdown)


def on_post_page(output, page, config):
    if '<pre class="mermaid">' not in output:
        return output
    script = posixpath.relpath(MERMAID, posixpath.dirname(page.file.dest_uri) or ".")
    return output.replace("</head>", f'<script src="{script}"></script></head>', 1)


def site_link(url):
    """The link as the site needs it; unchanged if mkdocs is to judge it."""
    if not url or re.match(r"[a-z]+:|#|/", url):
        return url
    path, hash_, anchor = url.partition("#")
    source = Site.sources.get(Site.current, "")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    for candidate in (target, target + "/README.md"):
        if candidate in Site.pages:
            page = posixpath.relpath(Site.pages[candidate], posixpath.dirname(Site.current) or ".")
            return page + hash_ + anchor
    file = ROOT / target
    if target.startswith("..") or not file.exists():
        return url
    return Site.blob.format(kind="tree" if file.is_dir() else "blob", path=target) + hash_ + anchor


class Links(Treeprocessor):
    def run(self, root: ElementTree.Element):
        for element in root.iter():
            for attribute in ("href", "src"):
                if attribute in element.attrib:
                    element.set(attribute, site_link(element.get(attribute)))


class Blocks(Preprocessor):
    def run(self, lines):
        result, fenced = [], False
        for line in lines:
            before = result[-1] if result else ""
            fence = FENCE.match(line)
            if fence:
                line = fence[1]
                fenced = not fenced
            elif not fenced and LIST_ITEM.match(line) and before.strip() and not before.startswith(" ") and not LIST_ITEM.match(before):
                result.append("")
            result.append(line)
        return result


class RepositoryView(Extension):
    def extendMarkdown(self, md):
        # Before the fences are taken out (25) and before mkdocs reads the links (0).
        md.preprocessors.register(Blocks(md), "repository-blocks", 27)
        md.treeprocessors.register(Links(md), "repository-links", 1)
