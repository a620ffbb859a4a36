#!/usr/bin/env python3
"""Verifies this package with nothing but Python 3.8 or newer, without network: python3 verify.py [--anchors FILE]

Exit codes: 0 everything holds; 1 something was altered, is missing or was put in (each is named); 3 cannot run.
校验本数据包，只需 Python 3.8 或更高版本，无需联网。退出码：0 完好；1 有改动、缺失或多出（逐一列出）；3 无法运行。
"""

import base64
import binascii
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TAGS, PAYLOAD = "tagmanifest-sha256.txt", "manifest-sha256.txt"
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
EMPTY = "00" * 32
faults = []


def fault(place, what):
    """Notes what does not hold."""
    faults.append("%s: %s" % (place, what))


def content(path):
    """The bytes of a file of the package."""
    with open(os.path.join(HERE, *path.split("/")), "rb") as file:
        return file.read()


def digest(path):
    """SHA-256 of a file in hex."""
    found = hashlib.sha256()
    with open(os.path.join(HERE, *path.split("/")), "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            found.update(piece)
    return found.hexdigest()


def present():
    """Every file of the package."""
    found = set()
    for folder, _, names in os.walk(HERE):
        for name in names:
            found.add(os.path.relpath(os.path.join(folder, name), HERE).replace(os.sep, "/"))
    return found


def listed(manifest):
    """The checksums that a manifest names, by path."""
    found = {}
    for number, line in enumerate(content(manifest).decode("utf-8", "replace").splitlines(), 1):
        checksum, _, path = line.partition("  ")
        if len(checksum) != 64 or not path or path.startswith("/") or ".." in path.split("/"):
            fault(manifest, "line %d cannot be read" % number)
        else:
            found[path] = checksum
    return found


def check_manifest(manifest, here):
    """A manifest names every file that is its own, and each is what it says. `here`: the files that are its own."""
    named = listed(manifest)
    for path, checksum in sorted(named.items()):
        if not os.path.isfile(os.path.join(HERE, *path.split("/"))):
            fault(path, "is missing")
        elif digest(path) != checksum:
            fault(path, "was altered (or its line in %s)" % manifest)
    for path in sorted(here - set(named)):
        fault(path, "was put in: %s does not name it" % manifest)


def check_files():
    """Every file is there, known and unaltered."""
    here = present()
    lacking = [needed for needed in ("bagit.txt", PAYLOAD, TAGS) if needed not in here]
    for needed in lacking:
        fault(needed, "is missing")
    if lacking:
        return
    if content("bagit.txt") != BAGIT:
        fault("bagit.txt", "was altered")
    payload = {path for path in here if path.startswith("data/")}
    check_manifest(TAGS, here - payload - {TAGS})
    check_manifest(PAYLOAD, payload)


def sha(*parts):
    """SHA-256 over parts in a row."""
    return hashlib.sha256(b"".join(parts))


def canonical(value):
    """The one spelling of a JSON value that is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def check_journal(path):
    """Each entry carries its own hash and the one before; what it says, where it says it, is what was committed to."""
    before, hashes, said = EMPTY, {}, 0
    for number, line in enumerate(content(path).decode("utf-8").splitlines(), 1):
        entry = json.loads(line)
        fields = [1, entry["stream"], entry["n"], entry["at"], entry["occurred_at"], entry["by"], entry["kind"]]
        own = sha(b"\x00", canonical([*fields, entry["commitment"], entry["prev"]])).hexdigest()
        if entry["n"] != number or entry["prev"] != before or entry["hash"] != own:
            fault(path, "entry %d is not the one that was chained" % number)
        if "facts" in entry:
            said += 1
            if sha(b"\x02", bytes.fromhex(entry["salt"]), canonical(entry["facts"])).hexdigest() != entry["commitment"]:
                fault(path, "entry %d says something else than was committed to" % number)
        before = entry["hash"]
        hashes[entry["id"]] = own
    return hashes, said


def check_sealed(here):
    """The document of an order is the one whose checksum its record's journal holds. Returns how many are."""
    found = 0
    for path in sorted(name for name in here if name.startswith("data/sealed/")):
        journal = path.replace("data/sealed/", "data/journal/").replace(".json", "-record.jsonl")
        lines = content(journal).decode("utf-8").splitlines() if journal in here else []
        if digest(path) in [json.loads(line).get("facts", {}).get("sha256") for line in lines]:
            found += 1
        else:
            fault(path, "is not the document that was sealed")
    return found


def check_seals():
    """Each seal binds its tree and the seal before it. Returns the trees by number, and the roots."""
    trees, roots = {}, {}
    for seal in json.loads(content("data/proof/seals.json").decode("utf-8")):
        fields = [1, seal["id"], seal["first_id"], seal["last_id"], seal["count"], seal["sealed_at"]]
        if sha(b"\x03", canonical([*fields, seal["tree"], seal["prev_root"]])).hexdigest() != seal["root"]:
            fault("data/proof/seals.json", "seal %s was altered" % seal["id"])
        trees[seal["id"]], roots[seal["id"]] = (seal["count"], seal["tree"]), seal["root"]
    return trees, roots


def climbs(entry, index, count, path, tree):
    """Whether an audit path leads from an entry to the root of its tree (RFC 9162, 2.1.3.2)."""
    number, last, found = index, count - 1, sha(b"\x00", bytes.fromhex(entry)).digest()
    if not 0 <= index < count:
        return False
    for step in path:
        other = bytes.fromhex(step)
        if last == 0:
            return False
        if number & 1 or number == last:
            found = sha(b"\x01", other, found).digest()
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = sha(b"\x01", found, other).digest()
        number, last = number >> 1, last >> 1
    return last == 0 and found.hex() == tree


def check_inclusion(path, hashes, trees):
    """Each entry lies under the seal that is named. Returns how many do, and how many were not sealed yet."""
    proofs = {int(number): proof for number, proof in json.loads(content(path).decode("utf-8")).items()}
    for number, proof in proofs.items():
        count, tree = trees.get(proof["seal"], (0, ""))
        if number not in hashes or not climbs(hashes[number], proof["index"], count, proof["path"], tree):
            fault(path, "entry %d is not under seal %s" % (number, proof["seal"]))
    return len(proofs), len(hashes) - len(proofs)


def check_anchors(lines, roots, place):
    """Where a seal was written down outside the store, it is the same one. Returns how many seals are."""
    found = 0
    for line in lines:
        parts = line.split()
        if len(parts) != 5 or not parts[0].isdigit() or int(parts[0]) not in roots:
            continue
        try:
            root = base64.b64decode(parts[3], validate=True).hex()
        except (ValueError, binascii.Error):
            root = ""
        if root != roots[int(parts[0])]:
            fault(place, "seal %s is another than the anchored one" % parts[0])
        else:
            found += 1
    return found


def check_proofs(outside):
    """Journals, seals and anchors. Returns the lines that say what was found."""
    trees, roots = check_seals()
    entries = said = sealed = waiting = 0
    for name in sorted(present()):
        if name.startswith("data/journal/"):
            hashes, spoken = check_journal(name)
            proof = "data/proof/inclusion/" + name.split("/")[-1].replace(".jsonl", ".json")
            under, later = check_inclusion(proof, hashes, trees)
            entries, said, sealed, waiting = entries + len(hashes), said + spoken, sealed + under, waiting + later
    anchored = check_anchors(content("data/proof/anchors.txt").decode().splitlines(), roots, "data/proof/anchors.txt")
    lines = [
        "entries 条目: %d (with their words 含内容 %d); under seals 已封存 %d; not sealed yet 尚未封存 %d"
        % (entries, said, sealed, waiting),
        "seals 封存: %d; anchored 已锚定 %d" % (len(roots), anchored),
    ]
    documents = check_sealed(present())
    if documents:
        lines.append("sealed documents 封存的档案文件: %d" % documents)
    if outside:
        with open(outside, encoding="ascii", errors="replace") as file:
            lines.append("anchored in 外部锚定 %s: %d" % (outside, check_anchors(file, roots, outside)))
    return lines


def main(arguments):
    """Checks everything and says what was found."""
    outside = arguments[1] if len(arguments) == 2 and arguments[0] == "--anchors" else ""
    if arguments and not outside:
        print(__doc__)
        return 3
    lines = []
    try:
        check_files()
        lines = check_proofs(outside)
    except OSError as error:
        if not faults:
            print("cannot run 无法运行: %s" % error)
            return 3
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fault("data", "cannot be read 无法读取: %r" % error)
    for line in [*faults, *lines]:
        print(line)
    print("ALTERED 有改动" if faults else "EVERYTHING HOLDS 完好")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
