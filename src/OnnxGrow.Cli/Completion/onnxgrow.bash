# Completion of onnxgrow for bash. For this session:  source <(onnxgrow completion bash)
# For all sessions:  onnxgrow completion bash > ~/.local/share/bash-completion/completions/onnxgrow
_onnxgrow() {
    local current=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} word
    line="onnxgrow${line#*"${COMP_WORDS[0]}"}"
    COMPREPLY=()
    while IFS= read -r word; do
        word=${word%$'\r'}
        # Options are for those who begin one; elsewhere files may be meant.
        [[ $word == [-/]* && $current != -* ]] && continue
        [[ -n $word && $word == "$current"* ]] && COMPREPLY+=("$word")
    done < <("$1" "[suggest:${#line}]" "$line" 2>/dev/null)
}
complete -o bashdefault -o default -F _onnxgrow onnxgrow
