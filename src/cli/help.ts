import { type Command, CommandHelp, Help } from '@oclif/core';

/**
 * The usage line: arguments, flags that must be given, and that there are others, which the help lists below it. The
 * library's own line draws relations between flags, and is malformed where one flag is in two of them (`[--by <value> ]`).
 */
class UsageHelp extends CommandHelp {
  protected override defaultUsage(): string {
    const several = this.command.strict === false ? '...' : '';
    const args = Object.values(this.command.args).map(({ name, required, multiple }) => {
      const word = `${name.toUpperCase()}${multiple ? '...' : several}`;
      return required ? word : `[${word}]`;
    });
    const flags = Object.values(this.command.flags)
      .filter(({ required, hidden }) => required && !hidden)
      .map((flag) => `--${flag.name}${flag.type === 'option' ? ` <${flag.helpValue ?? 'value'}>` : ''}`);
    return ['<%= command.id %>', ...args, ...flags, '[FLAGS]'].join(' ');
  }
}

/** What `--help` prints; found by the `helpClass` of `package.json`. */
export default class ProbityHelp extends Help {
  protected override getCommandHelpClass(command: Command.Loadable): CommandHelp {
    return new UsageHelp(command, this.config, this.opts);
  }
}
