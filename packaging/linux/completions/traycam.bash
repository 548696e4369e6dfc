# bash completion for traycam and traycam-headless
_traycam() {
	local words
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--config)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
		return
		;;
	--log-level) words="debug info warn error" ;;
	--log-format) words="text json" ;;
	--port | --camera) return ;;
	*) words="--hidden --headless --config --port --demo --camera --log-level --log-format --version --help" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
}
complete -F _traycam traycam traycam-headless
