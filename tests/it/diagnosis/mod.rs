//! Failures that explain themselves: every cause of the catalogue, scripted in the sandbox, through both engines.

mod evidence;
mod table;
