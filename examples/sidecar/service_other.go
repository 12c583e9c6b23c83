//go:build !windows

package main

import "context"

// asWindowsService reports false: this is no Windows.
func asWindowsService(context.Context, func(context.Context) error) (bool, error) { return false, nil }
