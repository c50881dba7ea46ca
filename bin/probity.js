#!/usr/bin/env node
// Kept to syntax that old Node versions parse, so that the first line a person sees there is the one that helps.
var needed = [22, 12];
var have = process.versions.node.split('.').map(Number);
if (have[0] < needed[0] || (have[0] === needed[0] && have[1] < needed[1])) {
  process.stderr.write(
    'probity: needs Node ' + needed.join('.') + ' or newer; this is Node ' + process.versions.node + '. Install a current Node, or run it with: npx -p node@24 -p probity probity\n',
  );
  process.exit(2);
}
import('../dist/cli/main.js').then(
  function (cli) {
    return cli.main(process.argv.slice(2));
  },
  function (error) {
    if (error && error.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).indexOf('dist') !== -1) {
      process.stderr.write('probity: this checkout is not built yet. Run: npm run build\n');
    } else {
      process.stderr.write('probity: ' + (error && error.stack ? error.stack : error) + '\n');
    }
    process.exit(2);
  },
);
