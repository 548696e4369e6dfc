# fish completion for traycam and traycam-headless
for program in traycam traycam-headless
    complete -c $program -f
    complete -c $program -l hidden -d 'Tray icon only'
    complete -c $program -l headless -d 'No window and no tray icon'
    complete -c $program -l config -r -F -d 'Where the settings are'
    complete -c $program -l port -x -d 'Port of the viewer page for this run'
    complete -c $program -l demo -d 'Add two moving test cameras for this run'
    complete -c $program -l camera -x -d 'Add a camera for this run: NAME=URL'
    complete -c $program -l log-level -x -a 'debug info warn error' -d 'How much is logged'
    complete -c $program -l log-format -x -a 'text json' -d 'How it is logged'
    complete -c $program -l version -d 'Tell the version and end'
    complete -c $program -l help -d 'Tell the options and end'
end
