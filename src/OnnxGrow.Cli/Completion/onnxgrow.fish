# Completion of onnxgrow for fish. For this session:  onnxgrow completion fish | source
# For all sessions:  onnxgrow completion fish > ~/.config/fish/completions/onnxgrow.fish
function __onnxgrow_complete
    set -l current (commandline -ct)
    set -l line (string replace -r '^\s*\S+' onnxgrow -- (commandline -cp))
    for word in (onnxgrow "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
        # Options are for those who begin one; elsewhere files may be meant.
        if not string match -qr -- '^[-/]' $word; or string match -q -- '-*' $current
            echo $word
        end
    end
end
complete -c onnxgrow -a '(__onnxgrow_complete)'
