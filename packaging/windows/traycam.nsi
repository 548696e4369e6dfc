; The installer: for one person, without an administrator. scripts/package-windows.sh calls makensis with
; VERSION, NUMBERS (four of them), COMPRESSOR, PROGRAM, OUT and, where it signs, SIGN.
;
;   /S                  asks nothing; what starts at login stays as it is
;   /LOGIN=1, /LOGIN=0  starts at login, or does not
;   /D=FOLDER           last, unquoted: where to
;
; The uninstaller takes /S too, and /DELETESETTINGS; by itself it keeps them.
; Where a Traycam runs and does not end, both end with status 2 and change nothing.

Target amd64-unicode
Unicode true
SetCompressor /SOLID ${COMPRESSOR}
SetDateSave off
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS Win10

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include Sections.nsh
!include WinVer.nsh

!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Traycam"

Name "Traycam"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Traycam"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
BrandingText "Traycam ${VERSION}"
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${NUMBERS}"
VIFileVersion "${NUMBERS}"
VIAddVersionKey /LANG=0 "CompanyName" "Traycam"
VIAddVersionKey /LANG=0 "FileDescription" "Traycam setup"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "LegalCopyright" "Apache License 2.0"
VIAddVersionKey /LANG=0 "ProductName" "Traycam"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"

!define MUI_ICON "assets\icons\app.ico"
!define MUI_UNICON "assets\icons\app.ico"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_NODESC
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\traycam.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "Spanish"

LangString atLogin ${LANG_ENGLISH} "Start at login, with the icon beside the clock only"
LangString atLogin ${LANG_GERMAN} "Beim Anmelden starten, nur mit dem Symbol neben der Uhr"
LangString atLogin ${LANG_SPANISH} "Iniciar al entrar en la sesión, solo con el icono junto al reloj"
LangString settings ${LANG_ENGLISH} "Delete the settings and the passwords of cameras too"
LangString settings ${LANG_GERMAN} "Auch die Einstellungen und die Passwörter der Kameras löschen"
LangString settings ${LANG_SPANISH} "Eliminar también la configuración y las contraseñas de las cámaras"
LangString running ${LANG_ENGLISH} "Traycam runs and did not end. Quit it from its icon beside the clock, then try again."
LangString running ${LANG_GERMAN} "Traycam läuft und wurde nicht beendet. Beenden Sie es über sein Symbol neben der Uhr und versuchen Sie es dann noch einmal."
LangString running ${LANG_SPANISH} "Traycam está en marcha y no terminó. Ciérrelo desde su icono junto al reloj e inténtelo de nuevo."
LangString tooOld ${LANG_ENGLISH} "Traycam needs Windows 10 or newer."
LangString tooOld ${LANG_GERMAN} "Traycam braucht Windows 10 oder neuer."
LangString tooOld ${LANG_SPANISH} "Traycam necesita Windows 10 o posterior."

!ifdef SIGN
	!finalize '${SIGN} "%1"'
	!uninstfinalize '${SIGN} "%1"'
!endif

; EndRunning asks the Traycams of this folder to end, and leaves with status 2 where one does not.
!macro EndRunning un
	Function ${un}EndRunning
		IfFileExists "$INSTDIR\traycam.exe" 0 ended
		again:
			ClearErrors
			ExecWait '"$INSTDIR\traycam.exe" --quit' $0
			IfErrors cannot # be run: it is half there, or somebody holds it
			StrCmp $0 0 0 runs
		cannot:
			ClearErrors
			FileOpen $1 "$INSTDIR\traycam.exe" a
			IfErrors runs
			FileClose $1
			Goto ended
		runs:
			MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(running)" /SD IDCANCEL IDRETRY again
			SetErrorLevel 2
			Quit
		ended:
	FunctionEnd
!macroend
!insertmacro EndRunning ""
!insertmacro EndRunning "un."

Section "Traycam" programSection
	SectionIn RO
	Call EndRunning
	SetOutPath "$INSTDIR"
	File "${PROGRAM}"
	File /oname=LICENSE.txt "LICENSE"
	CreateShortcut "$SMPROGRAMS\Traycam.lnk" "$INSTDIR\traycam.exe"
	WriteUninstaller "$INSTDIR\uninstall.exe"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Traycam"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\traycam.exe"
	WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Traycam"
	WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
	WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
	WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
	WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
	WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
	SectionGetSize ${programSection} $0
	WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

; What app/login_windows.go writes and takes away.
Section /o "$(atLogin)" atLoginSection
	WriteRegStr HKCU "${RUN}" "Traycam" '"$INSTDIR\traycam.exe" --hidden'
	DeleteRegValue HKCU "${APPROVED}" "Traycam"
SectionEnd

Section "-not at login"
	${IfNot} ${SectionIsSelected} ${atLoginSection}
		DeleteRegValue HKCU "${RUN}" "Traycam"
	${EndIf}
SectionEnd

; StartsAtLogin leaves 1 in $0 where Windows starts Traycam at login: it is in the Run key, and
; the person has not switched it off in the Task Manager, which makes the first byte there odd.
Function StartsAtLogin
	ReadRegStr $1 HKCU "${RUN}" "Traycam"
	${If} $1 == ""
		StrCpy $0 0
		Return
	${EndIf}
	System::Alloc 64
	Pop $2
	System::Call 'advapi32::RegGetValueW(p 0x80000001, w "${APPROVED}", w "Traycam", i 8, p 0, p r2, *i 64) i .r3'
	StrCpy $0 1
	${If} $3 == 0
		System::Call '*$2(&i1 .r4)'
		IntOp $4 $4 & 1
		IntOp $0 1 - $4
	${EndIf}
	System::Free $2
FunctionEnd

Function .onInit
	${IfNot} ${AtLeastWin10}
		MessageBox MB_OK|MB_ICONSTOP "$(tooOld)" /SD IDOK
		SetErrorLevel 2
		Quit
	${EndIf}
	Call StartsAtLogin
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/LOGIN=" $2
	${IfNot} ${Errors}
		StrCpy $0 $2
	${EndIf}
	${If} $0 == 1
		!insertmacro SelectSection ${atLoginSection}
	${EndIf}
FunctionEnd

Section "un.Traycam"
	SectionIn RO
	Call un.EndRunning
	Delete "$INSTDIR\traycam.exe"
	Delete "$INSTDIR\LICENSE.txt"
	Delete "$INSTDIR\uninstall.exe"
	SetOutPath "$TEMP"
	RMDir "$INSTDIR"
	Delete "$SMPROGRAMS\Traycam.lnk"
	DeleteRegKey HKCU "${UNINSTALL}"
	ReadRegStr $0 HKCU "${RUN}" "Traycam"
	${If} $0 == '"$INSTDIR\traycam.exe" --hidden'
		DeleteRegValue HKCU "${RUN}" "Traycam"
		DeleteRegValue HKCU "${APPROVED}" "Traycam"
	${EndIf}
	RMDir /r "$LOCALAPPDATA\traycam\log"
	RMDir "$LOCALAPPDATA\traycam"
SectionEnd

Section /o "un.$(settings)" settingsSection
	RMDir /r "$APPDATA\traycam"
	RMDir /r "$APPDATA\fyne\io.traycam.Traycam"
	RMDir "$APPDATA\fyne"
	; The passwords are generic credentials (type 1) called Traycam:NAME.
	System::Call 'advapi32::CredEnumerateW(w "Traycam:*", i 0, *i .r1, *p .r2) i .r0'
	${If} $0 != 0
		StrCpy $3 0
		${While} $3 < $1
			IntOp $4 $3 * 8
			IntPtrOp $4 $2 + $4
			System::Call '*$4(p .r5)'
			System::Call '*$5(i, i, w .r6)'
			System::Call 'advapi32::CredDeleteW(w r6, i 1, i 0)'
			IntOp $3 $3 + 1
		${EndWhile}
		System::Call 'advapi32::CredFree(p r2)'
	${EndIf}
SectionEnd

Function un.onInit
	${GetParameters} $1
	ClearErrors
	${GetOptions} $1 "/DELETESETTINGS" $2
	${IfNot} ${Errors}
		!insertmacro SelectSection ${settingsSection}
	${EndIf}
FunctionEnd
