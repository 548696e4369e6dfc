package viewer

// Guessers is how many clients are remembered for their wrong links.
func (h *Handler) Guessers() int {
	h.gate.guesses.mu.Lock()
	defer h.gate.guesses.mu.Unlock()
	return len(h.gate.guesses.by)
}
