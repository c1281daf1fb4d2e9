// Runs the drawn lifecycles in the tools they are drawn for: a job as JSON on stdin, what the
// tools make of it as JSON on stdout.
import { text } from 'node:stream/consumers';
import { instance } from '@viz-js/viz';
import { parseHTML } from 'linkedom';
import { createActor, createMachine } from 'xstate';

// Mermaid asks for a document even to parse.
const { window, document } = parseHTML('<!doctype html><html><body></body></html>');
Object.assign(globalThis, { window, document });
const { default: mermaid } = await import('mermaid');

function walk(config, walks) {
  const machine = createMachine(config);
  return walks.map((moves) => {
    const actor = createActor(machine).start();
    return moves.map((type) => {
      // A stopped actor warns of every further event.
      if (actor.getSnapshot().status === 'active') actor.send({ type });
      return actor.getSnapshot().value;
    });
  });
}

// Between parsing and drawing, Mermaid keeps an entity such as #34; in letters of its own.
const decoded = (label) => (label ?? '').replaceAll('ﬂ°°', '&#').replaceAll('¶ß', ';');

async function readMermaid(source) {
  const { diagramType } = await mermaid.parse(source);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(source);
  return {
    type: diagramType,
    nodes: [...db.getStates().values()].map(({ id, descriptions }) => [id, descriptions.map(decoded)]),
    edges: db.getRelations().map(({ id1, id2, relationTitle }) => [id1, id2, decoded(relationTitle)]),
  };
}

const viz = await instance();
function readDot(source) {
  const drawing = parseHTML(viz.renderString(source, { format: 'svg' })).document;
  const part = (kind) => [...drawing.querySelectorAll(`g.${kind}`)].map((group) => ({
    name: group.querySelector('title').textContent,
    label: group.querySelector('text')?.textContent ?? '',
    borders: group.querySelectorAll('path').length,
  }));
  return { nodes: part('node'), edges: part('edge') };
}

const job = JSON.parse(await text(process.stdin));
const answer = {
  xstate: job.xstate.map(({ config, walks }) => walk(config, walks)),
  mermaid: await Promise.all(job.mermaid.map(readMermaid)),
  dot: job.dot.map(readDot),
};
process.stdout.write(JSON.stringify(answer));
