#compdef onnxgrow
# Completion of onnxgrow for zsh. For this session:  source <(onnxgrow completion zsh)
# For all sessions:  onnxgrow completion zsh > "${fpath[1]}/_onnxgrow"
_onnxgrow() {
    local line="onnxgrow ${(j: :)words[2,CURRENT]}" word
    local -a found
    for word in ${(f)"$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)"}; do
        # Options are for those who begin one; elsewhere files may be meant.
        [[ $word == [-/]* && ${words[CURRENT]} != -* ]] || found+=("$word")
    done
    (( ${#found} )) && compadd -a found && return
    _files
}
if [[ ${funcstack[1]} == _onnxgrow ]]; then
    _onnxgrow "$@"
else
    compdef _onnxgrow onnxgrow
fi
