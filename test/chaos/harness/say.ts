/** Figures of a run, for whoever reads its log: how much happened, which no assertion can say as well. */
export function say(figures: string): void {
  process.stderr.write(`    ${figures}\n`);
}
