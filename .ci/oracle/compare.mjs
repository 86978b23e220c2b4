// Compares two lists of entries: node compare.mjs NAME OURS.json THEIRS.json [--diffs N] [--floor PERCENT]
// Prints how many are equal to the letter and, if asked, the first differing pairs; exits 1 under the floor.
import { readFileSync } from 'node:fs';

const [, , name, oursPath, theirsPath, ...options] = process.argv;
const option = (flag, otherwise) => (options.includes(flag) ? Number(options[options.indexOf(flag) + 1]) : otherwise);
const ours = JSON.parse(readFileSync(oursPath, 'utf8'));
const theirs = JSON.parse(readFileSync(theirsPath, 'utf8'));
if (ours.length !== theirs.length) throw new Error(`${ours.length} and ${theirs.length} entries`);
const oneLine = (text) => text.replace(/\s+/g, ' ').trim();

let equal = 0;
let compared = 0;
let shown = 0;
for (let i = 0; i < ours.length; i += 1) {
    if (ours[i] === null) continue;
    compared += 1;
    if (oneLine(ours[i]) === oneLine(theirs[i])) {
        equal += 1;
    } else if (shown < option('--diffs', 0)) {
        shown += 1;
        console.log(`${i}\n  ours   ${ours[i]}\n  theirs ${theirs[i]}`);
    }
}
const refused = ours.length - compared;
const percent = (100 * equal) / Math.max(compared, 1);
console.log(`${name}: ${equal}/${compared} equal = ${percent.toFixed(2)} %${refused > 0 ? ` (${refused} refused)` : ''}`);
if (percent < option('--floor', 0)) {
    console.error(`${name} is under its floor of ${option('--floor', 0)} %`);
    process.exit(1);
}
