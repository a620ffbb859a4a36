"""What a text suggests about a case: rules as data, a score learnt from decided cases, how often they are overruled."""
