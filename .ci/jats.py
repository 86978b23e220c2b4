"""JATS of the running demo site is valid: of the demo article, and of one in which everything is awkward.

    jats.py URL        the demo editor's password is in IBID_DEMO_PASSWORD

The DTD is the Archiving and Interchange DTD of JATS 1.3, as biopython carries it; nothing is fetched.
"""

import json
import os
import pathlib
import sys

import Bio.Entrez
import requests
from lxml import etree

ROOT = pathlib.Path(__file__).resolve().parent.parent
DTD = pathlib.Path(Bio.Entrez.__file__).parent / "DTDs" / "JATS-archivearticle1-3-mathml3.dtd"
NASTY = json.loads((ROOT / "tests/articles/nasty.json").read_text("utf-8"))
DEMO = json.loads((ROOT / "demo/site.json").read_text("utf-8"))["article"]["slug"]
# Retracted by hand, so that a reference has to say so.
RETRACTED = NASTY["studies"][0]["key"]


def told(response):
    """The JSON of an answer that has to be a success."""
    if not response.ok:
        sys.exit(f"{response.request.method} {response.url}: {response.status_code} {response.text}")
    return response.json() if response.content else None


def publish(site, api):
    """Publishes the awkward article; gives its slug."""
    login = {"email": "editor@example.org", "password": os.environ["IBID_DEMO_PASSWORD"]}
    token = told(api.post(f"{site}/v1/auth/login", json=login))["access_token"]
    api.headers["Authorization"] = f"Bearer {token}"
    for study in NASTY["studies"]:
        told(api.post(f"{site}/v1/manage/studies", json=study))
    created = api.post(f"{site}/v1/manage/articles", json=NASTY["article"])
    slug = told(created)["slug"]
    told(api.post(f"{site}/v1/manage/articles/{slug}/publish", headers={"If-Match": created.headers["ETag"]}))
    notice = {"kind": "retraction", "date": "2024-01-02"}
    told(api.post(f"{site}/v1/manage/studies/{RETRACTED}/notices", json=notice))
    return slug


def validate(dtd, site, slug):
    response = requests.get(f"{site}/v1/articles/{slug}.xml", timeout=20)
    if response.status_code != 200:
        sys.exit(f"{response.url}: {response.status_code} {response.text}")
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    document = etree.fromstring(response.content, parser)
    if not dtd.validate(document):
        sys.exit(f"{slug} is not valid:\n{dtd.error_log}\n\n{response.text}")
    print(f"{slug}: valid, {len(list(document.iter('ref')))} references")
    return document


def main():
    site = sys.argv[1]
    dtd = etree.DTD(str(DTD))
    validate(dtd, site, DEMO)
    with requests.Session() as api:
        slug = publish(site, api)
    comments = [comment.text for comment in validate(dtd, site, slug).iter("comment")]
    if comments != ["Retracted"]:
        sys.exit(f"what became of the studies is told as {comments}")


main()
