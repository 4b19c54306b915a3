// Statements holds in-toto statements against the project's own validators in Go:
// each argument is a file with one statement in JSON. What does not hold is printed, and the
// exit code is then 1.
package main

import (
	"fmt"
	"os"

	provenance "github.com/in-toto/attestation/go/predicates/provenance/v1"
	statement "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

const provenanceType = "https://slsa.dev/provenance/v1"

func main() {
	code := 0
	for _, path := range os.Args[1:] {
		if err := validate(path); err != nil {
			fmt.Printf("%s: %v\n", path, err)
			code = 1
		}
	}
	os.Exit(code)
}

// validate reads a statement strictly (protojson refuses unknown fields) and, where it is SLSA
// provenance, its predicate likewise.
func validate(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var read statement.Statement
	if err := protojson.Unmarshal(raw, &read); err != nil {
		return err
	}
	if err := read.Validate(); err != nil {
		return err
	}
	if read.GetPredicateType() != provenanceType {
		return nil
	}
	predicate, err := protojson.Marshal(read.GetPredicate())
	if err != nil {
		return err
	}
	var built provenance.Provenance
	if err := protojson.Unmarshal(predicate, &built); err != nil {
		return err
	}
	return built.Validate()
}
