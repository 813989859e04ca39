# Rehearses the deployment in the sandbox, for every pull request.

run "the_service_starts" {
  assert {
    condition     = startswith(output.url, "https://")
    error_message = "The service has a URL."
  }
}
