/** A node of a graph, by the numbers of the nodes it leads to. */
interface Linked {
  edges: readonly { to: number }[];
}

/**
 * Tarjan's strongly connected components, without recursion.
 * @returns the component of each node, and the members of each component; a component comes after all it leads to
 */
export function stronglyConnected(nodes: readonly Linked[]): { component: Int32Array; components: number[][] } {
  const order = new Int32Array(nodes.length).fill(-1);
  const low = new Int32Array(nodes.length);
  const component = new Int32Array(nodes.length).fill(-1);
  const components: number[][] = [];
  const open: number[] = [];
  let next = 0;
  for (let root = 0; root < nodes.length; root++) {
    if (order[root] !== -1) continue;
    const stack: { node: number; edge: number }[] = [{ node: root, edge: 0 }];
    order[root] = low[root] = next++;
    open.push(root);
    while (stack.length > 0) {
      const frame = stack.at(-1) as { node: number; edge: number };
      const to = nodes[frame.node]?.edges[frame.edge++]?.to;
      if (to !== undefined) {
        if (order[to] === -1) {
          order[to] = low[to] = next++;
          open.push(to);
          stack.push({ node: to, edge: 0 });
        } else if (component[to] === -1) low[frame.node] = Math.min(low[frame.node] as number, order[to] as number);
        continue;
      }
      stack.pop();
      const parent = stack.at(-1);
      if (parent) low[parent.node] = Math.min(low[parent.node] as number, low[frame.node] as number);
      if (low[frame.node] === order[frame.node]) {
        const members: number[] = [];
        for (let member = open.pop(); member !== undefined; member = open.pop()) {
          component[member] = components.length;
          members.push(member);
          if (member === frame.node) break;
        }
        components.push(members);
      }
    }
  }
  return { component, components };
}
