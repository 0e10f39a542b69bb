// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces

/// The script by which a shell completes `relax`: the argument parser's, and around it what that leaves
/// out: that `relax FILE…` is short for `relax run FILE…`, providers, and files.
enum CompletionScript {
  /// The script that the arguments ask for; nil if they ask for none, or of a shell that there is not.
  static func requested(by arguments: [String]) -> String? {
    let option = "--generate-completion-script"
    guard let first = arguments.first, first == option || first.hasPrefix(option + "=") else {
      return nil
    }
    let value =
      first == option
      ? (arguments.count > 1 ? arguments[1] : nil) : String(first.dropFirst(option.count + 1))
    let shell = value.map { CompletionShell(rawValue: $0) } ?? CompletionShell.autodetected()
    return shell.map(text)
  }

  /// The script for `shell`.
  static func text(for shell: CompletionShell) -> String {
    let script = RelaxCommand.completionScript(for: shell)
    // What stands at the place of the parser's own function calls that under its new name.
    switch shell {
    case .bash:
      return script.replacingOne("\n_relax() {", by: "\n\(filled(bash))\n__relax_parsed() {")
    case .zsh:
      return script.replacingOne("\n_relax() {", by: "\n\(filled(zsh))\n__relax_parsed() {")
    case .fish:
      return script.replacingOne(
        "\nfunction __relax_tokens\n",
        by: "\n\(filled(fish))\nfunction __relax_given_tokens\n") + filled(fishFiles)
    default: return script
    }
  }

  /// `text` with the names that it has places for.
  private static func filled(_ text: String) -> String {
    let relax = CommandDescription.relax
    let commands = relax.subcommands.compactMap(\.words.last) + ["help"]
    let kinds = ProviderCatalog.offered.kinds
    let files = Set(relax.all.flatMap(\.arguments).filter(\.takesFile).flatMap(\.names))
    return text.replacing("@COMMANDS@", with: commands.joined(separator: " "))
      .replacing("@FILES@", with: files.sorted().joined(separator: " "))
      .replacing("@PROVIDERS@", with: kinds.map(\.label).joined(separator: " "))
      .replacing("@KEYS@", with: kinds.flatMap(\.openings).joined(separator: " "))
  }

  // Bash breaks words at = and :, and gives the function what stands behind the last.
  private static let bash = #"""
    _relax() {
        local -r broken="${2}" commands=' @COMMANDS@ '
        local -a words=()
        local rest="${COMP_LINE:0:COMP_POINT}" part
        for part in "${COMP_WORDS[@]:0:COMP_CWORD}"; do
            if [[ "${#words[@]}" -gt 0 && "${rest}" != [[:blank:]]* ]]; then
                words[${#words[@]} - 1]+="${part}"
            else
                words+=("${part}")
            fi
            rest="${rest#*"${part}"}"
        done
        part="${rest#"${rest%%[![:blank:]]*}"}"
        if [[ "${part}" != "${rest}" || -z "${broken}${part}" && "${rest}" = '' && "${COMP_LINE:COMP_POINT-1:1}" = [[:blank:]] ]]; then
            words+=("${part}")
        else
            words[${#words[@]} - 1]+="${rest}"
        fi
        local word="${words[${#words[@]} - 1]}"
        if [[ "${word}" = --*=* ]]; then
            words[${#words[@]} - 1]="${word%%=*}"
            words+=("${word#*=}")
            word="${word#*=}"
        fi
        local -r before="${words[${#words[@]} - 2]}"
        if [[ "${#words[@]}" -gt 2 || "${word}" = -* ]] && [[ "${commands}" != *" ${words[1]} "* ]]; then
            words=("${words[0]}" run "${words[@]:1}")
        fi

        if [[ "${#words[@]}" -eq 2 ]]; then
            COMPREPLY=($(compgen -W "${commands}" -- "${word}"))
            local file
            while IFS='' read -r file; do
                COMPREPLY+=("${file}")
            done < <(compgen -f -- "${word}")
        elif [[ "${words[1]}" = help ]]; then
            COMPREPLY=($(compgen -W "${commands}" -- "${word}"))
        elif [[ " @FILES@ " = *" ${before} "* || "${word}" = *[:,]@(model|script)=* ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ "${before}" = -p || "${before}" = --provider ]]; then
            if [[ "${word}" = *:* ]]; then
                COMPREPLY=($(compgen -W '@KEYS@' -- "${word}"))
            else
                COMPREPLY=($(compgen -W '@PROVIDERS@' -- "${word}"))
            fi
            [[ "${COMPREPLY[*]}" != *[=:]* ]] || compopt -o nospace +o filenames
        else
            local -r COMP_LINE="${words[*]}"
            local -r COMP_POINT="${#COMP_LINE}" COMP_CWORD="$((${#words[@]} - 1))"
            local -a COMP_WORDS=("${words[@]}")
            __relax_parsed relax "${word}" "${before}"
        fi
        # Only what stands behind the break is replaced.
        local -r kept="${word%"${broken}"}"
        [[ "${broken}" = [=:] ]] || COMPREPLY=("${COMPREPLY[@]#"${kept}"}")
    }

    """#

  private static let zsh = #"""
    __relax_choices() {
        local -ra open=("${(M)@:#*[=:]}") closed=("${@:#*[=:]}")
        compadd -S '' -- "${open[@]}"
        compadd -- "${closed[@]}"
    }

    _relax() {
        emulate -L zsh
        setopt extendedglob
        local -ra commands=(@COMMANDS@) files=(@FILES@)
        if [[ "${words[CURRENT]}" = --[^=]##=* ]]; then
            local -r option="${words[CURRENT]%%=*}"
            compset -P 1 '*='
            words[CURRENT,CURRENT]=("${option}" "${words[CURRENT]#*=}")
            ((CURRENT++))
        fi
        if [[ "${CURRENT}" -gt 2 || "${PREFIX}" = -* ]] && ((! ${commands[(Ie)${words[2]}]})); then
            words[2,1]=(run)
            ((CURRENT++))
        fi
        local -r before="${words[CURRENT - 1]}"
        if [[ "${CURRENT}" -gt 2 && "${words[2]}" = help ]]; then
            compadd -- "${commands[@]}"
        elif [[ "${before}" = (-p|--provider) ]]; then
            if [[ "${PREFIX}" = *[:,](model|script)=* ]]; then
                compset -P '*='
                _files
            elif [[ "${PREFIX}" = *:* ]]; then
                __relax_choices @KEYS@
            else
                __relax_choices @PROVIDERS@
            fi
        elif ((${files[(Ie)${before}]})); then
            _files
        elif [[ "${CURRENT}" -eq 2 ]]; then
            local -i ret=1
            __relax_parsed && ret=0
            _files && ret=0
            return "${ret}"
        else
            __relax_parsed
        fi
    }

    """#

  private static let fish = #"""
    function __relax_tokens
        set -l tokens (__relax_given_tokens $argv)
        set -l commands @COMMANDS@
        if test "$argv" = -pc
            if set -q tokens[2]
                contains -- $tokens[2] $commands; or set tokens $tokens[1] run $tokens[2..]
            else if string match -q -- '-*' (commandline -t)
                set tokens $tokens[1] run
            end
        end
        string collect -- $tokens
    end

    """#

  private static let fishFiles = #"""

    function __relax_providers
        set -l token (string replace -r -- '^--provider=' '' (commandline -t))
        set -l parts (string match -r -- '^(.*[:,](?:model|script)=)(.*)$' $token)
        if set -q parts[2]
            for file in $parts[3]*
                test -d $file; and set file $file/
                string collect -- $parts[2]$file
            end
        else if string match -q -- '*:*' $token
            string collect -- @KEYS@
        else
            string collect -- @PROVIDERS@
        end
    end

    function __relax_is_after
        contains -- (commandline -opc)[-1] $argv
    end

    complete -c relax -n '__relax_should_offer_completions_for_positional "relax" -eq 1' -F
    complete -c relax -n '__relax_should_offer_completions_for_positional "relax help" -ge 1' -fa '@COMMANDS@'
    complete -c relax -n '__relax_is_after -p --provider' -s p -l provider -rfka '(__relax_providers)'
    for option in @FILES@
        switch $option
        case '--*'
            complete -c relax -n "__relax_is_after $option" -l (string sub -s 3 -- $option) -rF
        case '*'
            complete -c relax -n "__relax_is_after $option" -s (string sub -s 2 -- $option) -rF
        end
    end

    """#
}

extension ProviderCatalog.Kind {
  /// Its name, open for its keys if it has some.
  fileprivate var label: String { keys.isEmpty ? name : name + ":" }

  /// It with each of its keys.
  fileprivate var openings: [String] { keys.map { "\(name):\($0)=" } }
}

extension String {
  /// With the first place of `old` replaced; as it is if there is none.
  fileprivate func replacingOne(_ old: String, by new: String) -> String {
    replacing(old, with: new, maxReplacements: 1)
  }
}
